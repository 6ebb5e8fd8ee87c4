//! One client, from its greeting to its end.

use std::io;

use tokio::net::TcpStream;

use super::answers::{Known, recognise};
use super::handshake::log_in;
use super::packets::{column_definition, end, error, integer, ok, row};
use super::script::{Answer, Fault, Guest, ResultSet};
use super::wire::{Flow, Wire};

const COM_QUIT: u8 = 1;
const COM_INIT_DB: u8 = 2;
const COM_QUERY: u8 = 3;
const COM_PING: u8 = 14;
const COM_RESET_CONNECTION: u8 = 31;

/// Serves a client until it leaves, is killed, or the script ends the connection.
pub(super) async fn serve(stream: TcpStream, guest: Guest) {
    let killed = guest.killed.clone();
    tokio::select! {
        biased;
        () = killed.cancelled() => {}
        // However it ended: clients leave as they like, and the script as it says.
        _ = converse(stream, &guest) => {}
    }
}

async fn converse(stream: TcpStream, guest: &Guest) -> io::Result<()> {
    let mut wire = Wire::new(stream, &guest.shared)?;
    let deprecate_eof = log_in(&mut wire, &guest.shared.world, guest.number).await?;
    let mut client = Client {
        wire,
        guest,
        deprecate_eof,
    };
    loop {
        let command = client.wire.receive().await?;
        client.wire.heed_silence().await?;
        match command.split_first() {
            None | Some((&COM_QUIT, _)) => return Ok(()),
            Some((&(COM_INIT_DB | COM_PING | COM_RESET_CONNECTION), _)) => {
                client.wire.packet(&ok(), None).await?;
            }
            Some((&COM_QUERY, text)) => {
                client.query(&String::from_utf8_lossy(text)).await?;
            }
            Some((other, _)) => client.refuse(&format!("the command {other}")).await?,
        }
        client.wire.flush().await?;
    }
}

struct Client<'a> {
    wire: Wire<'a>,
    guest: &'a Guest,
    deprecate_eof: bool,
}

impl Client<'_> {
    async fn query(&mut self, text: &str) -> io::Result<()> {
        let (fault, scripted) = {
            let mut script = self.guest.shared.script();
            let index = script.queries.len();
            script.queries.push(text.to_owned());
            let matching = script
                .answers
                .iter()
                .rev()
                .find(|(matcher, _)| matcher.matches(text));
            let scripted = matching.map(|(_, answer)| answer.clone());
            (script.query_faults.get(&index).cloned(), scripted)
        };
        let world = &self.guest.shared.world;
        let known = match scripted {
            Some(answer) => Some(Known::Answer(answer)),
            None => recognise(world, text, self.guest.number),
        };
        let answer = match known {
            Some(Known::Answer(answer)) => answer,
            Some(Known::Table(name, mut result)) => {
                let script = self.guest.shared.script();
                let of_table = script.row_faults.iter().filter(|((of, _), _)| *of == name);
                result
                    .faults
                    .extend(of_table.map(|((_, row), fault)| (*row, fault.clone())));
                Answer::Rows(result)
            }
            Some(Known::Kill(number)) => {
                if self.guest.shared.kill(number) {
                    Answer::Ok
                } else {
                    Answer::Fault(Fault::error(1094, &format!("Unknown thread id: {number}")))
                }
            }
            None => return self.refuse(text).await,
        };
        match answer {
            Answer::Ok => self.wire.packet(&ok(), fault.as_ref()).await.map(drop),
            Answer::Fault(scripted) => {
                let fault = fault.unwrap_or(scripted);
                self.wire.packet(&ok(), Some(&fault)).await.map(drop)
            }
            Answer::Rows(result) => self.rows(&result, fault.as_ref()).await,
        }
    }

    async fn rows(&mut self, result: &ResultSet, fault: Option<&Fault>) -> io::Result<()> {
        let mut count = Vec::new();
        integer(&mut count, result.columns.len());
        if self.wire.packet(&count, fault).await? == Flow::Ended {
            return Ok(());
        }
        let database = &self.guest.shared.world.database;
        for column in &result.columns {
            let definition = column_definition(column, database, "t");
            self.wire.packet(&definition, None).await?;
        }
        if !self.deprecate_eof {
            self.wire.packet(&end(false), None).await?;
        }
        for (index, cells) in result.rows.iter().enumerate() {
            let fault = result.faults.get(&index);
            if self.wire.packet(&row(cells), fault).await? == Flow::Ended {
                return Ok(());
            }
        }
        let fault = result.faults.get(&result.rows.len());
        let last = end(self.deprecate_eof);
        self.wire.packet(&last, fault).await.map(drop)
    }

    /// Answers what nobody knows with an error that says so.
    async fn refuse(&mut self, what: &str) -> io::Result<()> {
        self.guest
            .shared
            .script()
            .unrecognised
            .push(what.to_owned());
        let message = format!("the scripted server does not know: {what}");
        self.wire
            .packet(&error(1064, &message), None)
            .await
            .map(drop)
    }
}
