//! A proxy before the double that sees every request, and may end the program at one.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::Child;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// When the program is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// Before the service hears of the request.
    Before,
    /// After the request has had its effect, before the answer.
    After,
}

/// What the proxy changes in an answer: by the path of the request and its body.
pub(crate) type Rewrite = Box<dyn Fn(&str, Vec<u8>) -> Vec<u8> + Send + Sync>;

pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    double: SocketAddr,
    seen: AtomicUsize,
    kill: Option<(usize, When)>,
    child: Mutex<Option<Child>>,
    rewrite: Option<Rewrite>,
}

impl Proxy {
    pub(crate) fn new(
        endpoint: &str,
        kill: Option<(usize, When)>,
        rewrite: Option<Rewrite>,
    ) -> Self {
        let double = endpoint.strip_prefix("http://").unwrap().parse().unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            double,
            seen: AtomicUsize::new(0),
            kill,
            child: Mutex::new(None),
            rewrite,
        });
        let served = Arc::clone(&shared);
        // It ends with the test's process: a blocked accept holds nothing.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&served);
                std::thread::spawn(move || shared.serve(stream));
            }
        });
        Self { address, shared }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Runs the program to its end; returns its code, `None` when it was killed.
    pub(crate) fn watch(&self, mut command: std::process::Command) -> Option<i32> {
        // Held while it starts: no request may come before the child can be killed.
        let mut place = self.shared.child.lock().unwrap();
        let child = command
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        *place = Some(child);
        drop(place);
        loop {
            let ended = self
                .shared
                .child
                .lock()
                .unwrap()
                .as_mut()
                .unwrap()
                .try_wait()
                .unwrap();
            if let Some(status) = ended {
                return status.code();
            }
            std::thread::park_timeout(std::time::Duration::from_millis(5));
        }
    }

    pub(crate) fn requests(&self) -> usize {
        self.shared.seen.load(Ordering::SeqCst)
    }
}

impl Shared {
    fn serve(&self, mut client: TcpStream) {
        while let Some(request) = message(&mut client) {
            let number = self.seen.fetch_add(1, Ordering::SeqCst) + 1;
            let when = self
                .kill
                .and_then(|(at, when)| (at == number).then_some(when));
            // What comes after the kill is of a program that is no more.
            if self.kill.is_some_and(|(at, _)| number > at) || when == Some(When::Before) {
                self.kill_child();
                return;
            }
            let Some(answer) = self.forward(&request) else {
                return;
            };
            if when == Some(When::After) {
                self.kill_child();
                return;
            }
            let answer = match &self.rewrite {
                Some(rewrite) => rewritten(&request, answer, rewrite),
                None => answer,
            };
            if client.write_all(&answer).is_err() {
                return;
            }
        }
    }

    fn kill_child(&self) {
        if let Some(child) = self.child.lock().unwrap().as_mut() {
            let _ = child.kill();
        }
    }

    fn forward(&self, request: &[u8]) -> Option<Vec<u8>> {
        let mut server = TcpStream::connect(self.double).ok()?;
        server.write_all(request).ok()?;
        let answer = message(&mut server);
        let _ = server.shutdown(Shutdown::Both);
        answer
    }
}

fn rewritten(request: &[u8], answer: Vec<u8>, rewrite: &Rewrite) -> Vec<u8> {
    let line = String::from_utf8_lossy(request);
    let path = line.lines().next().unwrap_or_default().to_owned();
    let end = head_end(&answer).unwrap();
    let body = rewrite(&path, answer[end..].to_vec());
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let lines = head.trim_end().lines().map(|line| {
        if line.to_ascii_lowercase().starts_with("content-length:") {
            format!("content-length: {}", body.len())
        } else {
            line.to_owned()
        }
    });
    let head: Vec<String> = lines.collect();
    [format!("{}\r\n\r\n", head.join("\r\n")).into_bytes(), body].concat()
}

fn head_end(bytes: &[u8]) -> Option<usize> {
    bytes
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .map(|at| at + 4)
}

/// Reads one message with its body, whose length the head tells.
fn message(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        if let Some(end) = head_end(&bytes) {
            let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length:"))
                .map_or(0, |length| length.trim().parse().unwrap());
            if bytes.len() >= end + length {
                return Some(bytes);
            }
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}
