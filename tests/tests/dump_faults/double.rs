//! The double itself, through the driver.

use e2e::database::Flavour;
use e2e::scripted::{Answer, Column, Fault, Matcher, ResultSet, ScriptedServer, World};
use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Error, OptsBuilder};

use crate::bench::FLAVOURS;

async fn connect(server: &ScriptedServer) -> Conn {
    let options = OptsBuilder::default()
        .ip_or_hostname(server.host())
        .tcp_port(server.port())
        .user(Some("anybody"))
        .prefer_socket(false);
    Conn::new(options)
        .await
        .expect("a login without a password")
}

fn server(flavour: Flavour) -> ScriptedServer {
    ScriptedServer::start(World::small(flavour)).expect("a port and two threads")
}

#[tokio::test]
async fn a_query_that_nobody_knows_fails_with_its_text() {
    for flavour in FLAVOURS {
        let server = server(flavour);
        let mut connection = connect(&server).await;
        let query = "ANALYZE TABLE `a_people`";
        let Err(Error::Server(error)) = connection.query_drop(query).await else {
            panic!("nobody knows it");
        };
        assert!(error.message.contains(query), "{error}");
        assert_eq!(server.unrecognised(), [query]);
        assert_eq!(server.queries().last().map(String::as_str), Some(query));
    }
}

#[tokio::test]
async fn the_script_wins_over_the_world_and_the_last_answer_over_those_before() {
    let server = server(Flavour::MySql);
    let mut connection = connect(&server).await;
    let count = "SELECT 1 FROM `z_numbers`";
    assert_eq!(connection.query::<u8, _>(count).await.unwrap(), [1, 1, 1]);

    let rows = |text: &[u8]| vec![vec![Some(text.to_vec())]];
    let of_numbers = Matcher::when(|query| query.contains("z_numbers"));
    let result = ResultSet::new(vec![Column::int("n")], rows(b"7"));
    server.answer(of_numbers, Answer::Rows(result.clone()));
    assert_eq!(connection.query::<u8, _>(count).await.unwrap(), [7]);

    let failing = result.with_fault(1, Fault::error(1317, "interrupted"));
    server.answer(Matcher::exact(count), Answer::Rows(failing));
    let error = connection.query::<u8, _>(count).await.unwrap_err();
    assert!(error.to_string().contains("interrupted"), "{error}");
    let other = "SELECT n FROM `z_numbers`";
    assert_eq!(connection.query::<u8, _>(other).await.unwrap(), [7]);

    server.answer(Matcher::exact(other), Answer::Ok);
    assert_eq!(connection.query::<u8, _>(other).await.unwrap(), [0; 0]);
    server.answer(Matcher::exact(other), Answer::Fault(Fault::Reset));
    assert!(connection.query_drop(other).await.is_err());
    assert_eq!(server.unrecognised(), [""; 0]);
}

#[tokio::test]
async fn a_connection_that_is_killed_is_closed_and_the_next_is_another() {
    let server = server(Flavour::MariaDb);
    let (mut victim, mut killer) = (connect(&server).await, connect(&server).await);
    killer
        .query_drop(format!("KILL {}", victim.id()))
        .await
        .unwrap();
    assert!(victim.query_drop("SELECT 1").await.is_err());
    assert_eq!(server.kills(), [victim.id()]);
    let Err(Error::Server(error)) = killer.query_drop("KILL 77").await else {
        panic!("there is no such connection");
    };
    assert_eq!(error.code, 1094);
    drop(victim);
    killer.disconnect().await.unwrap();
    server.until_idle().await;
}
