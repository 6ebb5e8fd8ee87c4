//! Packets on a connection: framed and split, buffered, and spoiled as the script wants it.

use std::convert::Infallible;
use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::packets::{MAX_PAYLOAD, error, frame};
use super::script::{Fault, Shared};

/// Bytes that are collected before they are sent.
const BUFFER_BYTES: usize = 64 << 10;

/// The server's end of a connection. Every `Err` means that the connection is over.
pub(super) struct Wire<'a> {
    stream: TcpStream,
    shared: &'a Shared,
    sequence: u8,
    buffer: Vec<u8>,
}

/// Whether the answer goes on after a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    GoesOn,
    /// An ERR packet took the place of everything that was to follow.
    Ended,
}

impl<'a> Wire<'a> {
    pub(super) fn new(stream: TcpStream, shared: &'a Shared) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            shared,
            sequence: 0,
            buffer: Vec::new(),
        })
    }

    /// The client's next packet; its number is where the answer begins.
    pub(super) async fn receive(&mut self) -> io::Result<Vec<u8>> {
        let mut payload = Vec::new();
        loop {
            let header = self.stream.read_u32_le().await?;
            let [low, middle, high, sequence] = header.to_le_bytes();
            let length = u32::from_le_bytes([low, middle, high, 0]) as usize;
            let start = payload.len();
            payload.resize(start + length, 0);
            self.stream.read_exact(&mut payload[start..]).await?;
            self.sequence = sequence.wrapping_add(1);
            if length < MAX_PAYLOAD {
                return Ok(payload);
            }
        }
    }

    /// Appends a packet, or what the fault makes of it.
    pub(super) async fn packet(
        &mut self,
        payload: &[u8],
        fault: Option<&Fault>,
    ) -> io::Result<Flow> {
        let Some(fault) = fault else {
            self.frame(payload).await?;
            return Ok(Flow::GoesOn);
        };
        match fault {
            Fault::Error { code, message } => {
                self.frame(&error(*code, message)).await?;
                return Ok(Flow::Ended);
            }
            Fault::WrongSequence => {
                self.sequence = self.sequence.wrapping_add(1);
                self.frame(payload).await?;
            }
            Fault::ShortPayload => self.frame(&payload[..payload.len() - 1]).await?,
            Fault::EmptyPacket => self.frame(&[]).await?,
            Fault::TruncatedPacket => {
                let mut framed = Vec::new();
                frame(&mut framed, &mut self.sequence, payload);
                let half = framed.len() / 2;
                self.buffer.extend_from_slice(&framed[..half]);
                self.flush().await?;
                self.strike(fault).await?;
            }
            Fault::Reset | Fault::Close | Fault::Stall | Fault::Silence => {
                self.flush().await?;
                self.strike(fault).await?;
            }
        }
        Ok(Flow::GoesOn)
    }

    async fn frame(&mut self, payload: &[u8]) -> io::Result<()> {
        frame(&mut self.buffer, &mut self.sequence, payload);
        if self.buffer.len() >= BUFFER_BYTES {
            self.flush().await?;
        }
        Ok(())
    }

    /// Does nothing more, not even in secret, once the whole server is silent.
    pub(super) async fn heed_silence(&mut self) -> io::Result<()> {
        let silent = self.shared.script().silent;
        if silent {
            self.strike(&Fault::Silence).await?;
        }
        Ok(())
    }

    /// Sends what is collected, or as much as the script allows.
    pub(super) async fn flush(&mut self) -> io::Result<()> {
        let (allowed, cut, dribbling) = self.permission();
        let buffer = std::mem::take(&mut self.buffer);
        if dribbling {
            for byte in &buffer[..allowed] {
                self.stream.write_all(std::slice::from_ref(byte)).await?;
                tokio::task::yield_now().await;
            }
        } else {
            self.stream.write_all(&buffer[..allowed]).await?;
        }
        match cut {
            Some(fault) => self.strike(&fault).await.map(|never| match never {}),
            None => Ok(()),
        }
    }

    /// How much of the buffer may go, and what strikes then.
    fn permission(&self) -> (usize, Option<Fault>, bool) {
        let mut script = self.shared.script();
        let whole = self.buffer.len();
        if script.silent {
            return (0, Some(Fault::Silence), false);
        }
        let sent = script.sent;
        let cut = script
            .cut
            .take_if(|(offset, _)| *offset <= sent + whole as u64);
        let (allowed, fault) = match cut {
            Some((offset, fault)) => {
                let rest = usize::try_from(offset.saturating_sub(sent)).unwrap_or(whole);
                (rest, Some(fault))
            }
            None => (whole, None),
        };
        script.sent += allowed as u64;
        (allowed, fault, script.dribbling)
    }

    /// Ends the connection in the fault's way.
    async fn strike(&mut self, fault: &Fault) -> io::Result<Infallible> {
        match fault {
            Fault::Reset => self.stream.set_zero_linger()?,
            Fault::Stall => self.linger().await?,
            Fault::Silence => {
                self.shared.script().silent = true;
                self.linger().await?;
            }
            _ => self.stream.shutdown().await?,
        }
        Err(io::ErrorKind::ConnectionAborted.into())
    }

    /// Keeps the connection open until the client closes it.
    async fn linger(&mut self) -> io::Result<()> {
        let mut ignored = [0; 1024];
        while self.stream.read(&mut ignored).await? > 0 {}
        Ok(())
    }
}
