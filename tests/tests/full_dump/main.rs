//! The cron job as cron runs it: the real binary, a private database server, and
//! doubles of Secrets Manager and S3.

mod bench;
mod publish;
