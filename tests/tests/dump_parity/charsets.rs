//! What the server makes of a question in another character set than UTF-8.

use e2e::database::{DatabaseServer, Flavour};
use e2e::parity::{Outcome, compare_dumps};

use crate::compare::{assert_same_bytes, with_database};

const SETS: &[&str] = &["utf8mb4", "utf8mb3", "binary", "latin1", "koi8r"];

/// The bytes of a condition are letters of the set, and a literal of `binary` minds the case:
/// other rows satisfy it.
async fn conditions(server: &'static DatabaseServer) {
    let script = "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20)) DEFAULT CHARSET=utf8mb4; \
        INSERT INTO t VALUES (1,'é'),(2,'Ã©'),(3,'abc'),(4,'ABC'),(5,'あ'),(6,'И');";
    let database = with_database(server, "conditions", script).await;
    for set in SETS {
        let set = format!("--default-character-set={set}");
        for condition in ["v='é'", "v='abc'", "v<>'あ'", "length('é')=2 AND 'é'<>'É'"] {
            let condition = format!("--where={condition}");
            assert_same_bytes(server, &[&set, &condition, &database]).await;
        }
    }
    // A character that the set lacks: refused by some servers, and then by both.
    let arguments = ["--default-character-set=utf8mb3", "--where=v='😀' OR 1"];
    let compared = compare_dumps(server, &[&arguments[..], &[&database]].concat()).await;
    assert!(
        matches!(compared, Ok(Outcome::BothFailed { .. })),
        "{compared:?}"
    );
}
on_each_release!(a_condition_is_read_in_the_character_set, super::conditions);

/// What MariaDB cannot say in the set of the question it says in hex. MySQL's answer also
/// depends on who opened the table before.
async fn partitions(server: &'static DatabaseServer) {
    if server.flavour() == Flavour::MySql {
        return;
    }
    let script = "CREATE TABLE wide (v VARCHAR(10)) DEFAULT CHARSET=utf8mb4 PARTITION BY LIST COLUMNS(v) \
          (PARTITION p1 VALUES IN ('x','it''s'), PARTITION p2 VALUES IN ('あ','é')); \
        INSERT INTO wide VALUES ('é'),('x'); \
        CREATE TABLE narrow (v VARCHAR(10)) DEFAULT CHARSET=latin1 PARTITION BY RANGE COLUMNS(v) \
          (PARTITION p1 VALUES LESS THAN ('é'), PARTITION p2 VALUES LESS THAN (MAXVALUE));";
    let database = with_database(server, "partitions", script).await;
    for set in SETS {
        let set = format!("--default-character-set={set}");
        assert_same_bytes(server, &[&set, &database]).await;
        assert_same_bytes(server, &[&set, "--no-data", "-B", &database]).await;
    }
}
on_each_release!(values_of_partitions_are_told_for_the_set, super::partitions);
