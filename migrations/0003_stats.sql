CREATE TABLE `breakdowns` (
	`repo` text NOT NULL,
	`by` text NOT NULL,
	`day` text NOT NULL,
	`value` text NOT NULL,
	`what` text NOT NULL,
	`count` integer NOT NULL,
	PRIMARY KEY(`repo`, `by`, `day`, `value`, `what`)
);
--> statement-breakpoint
CREATE TABLE `durations` (
	`repo` text NOT NULL,
	`day` text NOT NULL,
	`cloud` text NOT NULL,
	`seconds` integer NOT NULL,
	`count` integer NOT NULL,
	PRIMARY KEY(`repo`, `day`, `cloud`, `seconds`)
);
--> statement-breakpoint
CREATE TABLE `reasons` (
	`repo` text NOT NULL,
	`day` text NOT NULL,
	`cloud` text NOT NULL,
	`reason` text NOT NULL,
	`count` integer NOT NULL,
	`message` text NOT NULL,
	`next` text NOT NULL,
	`fault` text NOT NULL,
	PRIMARY KEY(`repo`, `day`, `cloud`, `reason`)
);
--> statement-breakpoint
ALTER TABLE `deployments` ADD `reason` text;--> statement-breakpoint
ALTER TABLE `deployments` ADD `tidied` integer;--> statement-breakpoint
CREATE INDEX `deployments_untidied` ON `deployments` (`finished`) WHERE tidied IS NULL;