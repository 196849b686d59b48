CREATE TABLE `attempts` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`delivery` text NOT NULL,
	`at` integer NOT NULL,
	`milliseconds` integer NOT NULL,
	`status` integer,
	`answer` text NOT NULL,
	FOREIGN KEY (`delivery`) REFERENCES `deliveries`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `attempts_delivery` ON `attempts` (`delivery`);--> statement-breakpoint
CREATE TABLE `deliveries` (
	`id` text PRIMARY KEY NOT NULL,
	`webhook` text NOT NULL,
	`type` text NOT NULL,
	`body` text NOT NULL,
	`created` integer NOT NULL,
	`state` text NOT NULL,
	`tries` integer DEFAULT 0 NOT NULL,
	`next` integer,
	FOREIGN KEY (`webhook`) REFERENCES `webhooks`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `deliveries_next` ON `deliveries` (`next`);--> statement-breakpoint
CREATE INDEX `deliveries_webhook` ON `deliveries` (`webhook`,`created`);--> statement-breakpoint
CREATE INDEX `deliveries_created` ON `deliveries` (`created`);--> statement-breakpoint
CREATE TABLE `watched` (
	`repo` text PRIMARY KEY NOT NULL,
	`good` text,
	`bad` text,
	`since` integer,
	`problem` text DEFAULT '' NOT NULL,
	`seen` integer NOT NULL,
	`next` integer
);
--> statement-breakpoint
CREATE INDEX `watched_next` ON `watched` (`next`);--> statement-breakpoint
CREATE INDEX `watched_seen` ON `watched` (`seen`);--> statement-breakpoint
CREATE TABLE `webhooks` (
	`id` text PRIMARY KEY NOT NULL,
	`repo` text NOT NULL,
	`url` text NOT NULL,
	`types` text NOT NULL,
	`secret` text NOT NULL,
	`former` text,
	`expires` integer,
	`on` integer NOT NULL,
	`reason` text DEFAULT '' NOT NULL,
	`failing` integer,
	`created` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `webhooks_repo` ON `webhooks` (`repo`);