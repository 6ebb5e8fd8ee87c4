-- The user of the nightly jobs, on MySQL 8.0.20 or later and on Aurora MySQL 3. Run it
-- once as an administrator, with your own names, hosts and password:
--
--     mysql -h HOST -u ADMIN -p < grants.sql
--
-- Alternating users: the rotation clones the user as rds_cron_clone, grants included;
-- then both passwords are good in turn, and a job that has begun is never cut off.

CREATE USER IF NOT EXISTS 'rds_cron'@'10.0.%' IDENTIFIED BY 'put-a-generated-password-here'
  REQUIRE SSL
  WITH MAX_USER_CONNECTIONS 20;

-- Rows, views, triggers and events of the one database. LOCK TABLES is for jobs without
-- --single-transaction only.
GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `gghouse`.* TO 'rds_cron'@'10.0.%';

-- The text of routines that others defined (--routines). On MariaDB instead:
-- GRANT SELECT ON `mysql`.`proc` TO 'rds_cron'@'10.0.%';
GRANT SHOW_ROUTINE ON *.* TO 'rds_cron'@'10.0.%';

-- Not granted: RELOAD (only for --source-data, --lock-all-tables or GTIDs in the dump),
-- PROCESS (only for tablespaces), and every right to write.

-- QuickSight's user reads what its data sets name, and nothing else.
CREATE USER IF NOT EXISTS 'quicksight'@'10.0.%' IDENTIFIED BY 'put-another-generated-password-here'
  REQUIRE SSL
  WITH MAX_USER_CONNECTIONS 20;
GRANT SELECT ON `gghouse`.* TO 'quicksight'@'10.0.%';

-- To undo: DROP USER 'rds_cron'@'10.0.%', 'quicksight'@'10.0.%';
