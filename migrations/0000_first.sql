CREATE TABLE `counts` (
	`repo` text NOT NULL,
	`day` text NOT NULL,
	`cloud` text DEFAULT '' NOT NULL,
	`what` text NOT NULL,
	`count` integer NOT NULL,
	PRIMARY KEY(`repo`, `day`, `cloud`, `what`)
);
--> statement-breakpoint
CREATE TABLE `deployments` (
	`id` text PRIMARY KEY NOT NULL,
	`request` text NOT NULL,
	`repo` text NOT NULL,
	`commit` text NOT NULL,
	`cloud` text NOT NULL,
	`region` text NOT NULL,
	`preset` text NOT NULL,
	`app` text NOT NULL,
	`plan` text NOT NULL,
	`sealed` text,
	`state` text NOT NULL,
	`url` text,
	`error` text,
	`created` integer NOT NULL,
	`finished` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `deployments_request` ON `deployments` (`request`);--> statement-breakpoint
CREATE TABLE `events` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`deployment` text NOT NULL,
	`at` integer NOT NULL,
	`type` text NOT NULL,
	`data` text NOT NULL,
	FOREIGN KEY (`deployment`) REFERENCES `deployments`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `events_deployment` ON `events` (`deployment`,`id`);--> statement-breakpoint
CREATE TABLE `responses` (
	`url` text PRIMARY KEY NOT NULL,
	`etag` text NOT NULL,
	`status` integer NOT NULL,
	`body` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `steps` (
	`deployment` text NOT NULL,
	`name` text NOT NULL,
	`position` integer NOT NULL,
	`title` text NOT NULL,
	`state` text NOT NULL,
	`message` text DEFAULT '' NOT NULL,
	`data` text NOT NULL,
	`since` integer NOT NULL,
	`began` integer,
	PRIMARY KEY(`deployment`, `name`),
	FOREIGN KEY (`deployment`) REFERENCES `deployments`(`id`) ON UPDATE no action ON DELETE no action
);
