CREATE TABLE `blocks` (
	`name` text PRIMARY KEY NOT NULL,
	`reason` text NOT NULL,
	`by` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `reports` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`repo` text NOT NULL,
	`reason` text NOT NULL,
	`text` text NOT NULL,
	`at` integer NOT NULL,
	`closed` integer
);
--> statement-breakpoint
CREATE INDEX `reports_repo` ON `reports` (`repo`);--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`user` integer NOT NULL,
	`login` text NOT NULL,
	`sealed` text NOT NULL,
	`scope` text NOT NULL,
	`created` integer NOT NULL,
	`used` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `sessions_user` ON `sessions` (`user`);--> statement-breakpoint
CREATE TABLE `settings` (
	`repo` text PRIMARY KEY NOT NULL,
	`settings` text NOT NULL,
	`by` text NOT NULL,
	`at` integer NOT NULL
);
