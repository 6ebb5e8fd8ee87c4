//! A private headless Chromium, driven through its WebDriver.
//!
//! It has a profile of its own and no network: names are not resolved, and what a
//! page loads is logged, so that a test can say that it loaded nothing. See
//! `tests/setup/chromium.sh`.

use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::scratch::Scratch;

/// How long the driver may take to listen, and the browser to start.
const START: Duration = Duration::from_secs(120);

/// No network, no services of its own, nothing shared with another browser.
const FLAGS: [&str; 11] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    // As on a telephone: a bar would take a part of the width.
    "--hide-scrollbars",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
];

/// Which colours the person at the screen prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "CSS knows these two")]
pub enum Scheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// A browser with one window. Dropping it ends the driver, and that the browser.
#[derive(Debug)]
pub struct Browser {
    port: u16,
    session: String,
    // In this order: first the processes, then their files.
    _driver: Child,
    _profile: Scratch,
}

impl Browser {
    /// Starts driver and browser; `None`, and a line that says so, where they are
    /// not installed. In CI that is a failure.
    ///
    /// # Errors
    ///
    /// When one of them does not start.
    pub async fn start() -> Result<Option<Self>> {
        let installed = |name: &str| {
            let path = std::env::var_os("PATH").unwrap_or_default();
            std::env::split_paths(&path).any(|directory| directory.join(name).is_file())
        };
        if !installed("chromium") || !installed("chromedriver") {
            if std::env::var("CI").is_ok_and(|ci| ci == "true") {
                bail!("no chromium or chromedriver: run tests/setup/chromium.sh");
            }
            #[expect(clippy::print_stderr, reason = "a skipped test has to say so")]
            {
                eprintln!("SKIPPED: no chromium or chromedriver, see tests/setup/chromium.sh");
            }
            return Ok(None);
        }
        let profile = Scratch::new("datatransit-browser-")?;
        let port = free_port()?;
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .env("HOME", profile.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("chromedriver did not start")?;
        let mut browser = Self {
            port,
            session: String::new(),
            _driver: driver,
            _profile: profile,
        };
        browser.wait_until_ready().await?;
        browser.session = browser.new_session().await?;
        Ok(Some(browser))
    }

    async fn wait_until_ready(&self) -> Result<()> {
        let began = Instant::now();
        loop {
            let status = self.call("GET", "/status", None).await;
            if status.is_ok_and(|status| status["ready"] == true) {
                return Ok(());
            }
            if began.elapsed() > START {
                bail!("chromedriver does not listen");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn new_session(&self) -> Result<String> {
        let profile = format!("--user-data-dir={}/profile", self._profile.path().display());
        let flags: Vec<&str> = FLAGS.into_iter().chain([profile.as_str()]).collect();
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {"args": flags},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }}});
        let answer = self.call("POST", "/session", Some(wanted)).await?;
        let id = answer["sessionId"].as_str();
        id.map(str::to_owned)
            .context("chromedriver made no session")
    }

    /// Sets the window's inner size in pixels, and the colours preferred.
    ///
    /// # Errors
    ///
    /// When the browser refuses.
    pub async fn view(&self, width: u32, height: u32, scheme: Scheme) -> Result<()> {
        let metrics =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics)
            .await?;
        let value = match scheme {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        };
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": value}]});
        self.devtools("Emulation.setEmulatedMedia", media).await?;
        Ok(())
    }

    /// Opens a file and waits until it is loaded. The logs of what was before are
    /// forgotten.
    ///
    /// # Errors
    ///
    /// When it cannot be opened.
    pub async fn open(&self, file: &Path) -> Result<()> {
        self.log("browser").await?;
        self.log("performance").await?;
        let path = fs::canonicalize(file)?;
        let url = format!("file://{}", path.display());
        self.session("POST", "/url", json!({ "url": url })).await?;
        Ok(())
    }

    /// Runs a script's body in the page and gives what it returns.
    ///
    /// # Errors
    ///
    /// When it throws.
    pub async fn evaluate(&self, script: &str) -> Result<Value> {
        let body = json!({"script": script, "args": []});
        self.session("POST", "/execute/sync", body).await
    }

    /// What the page has written to its console since it was opened.
    ///
    /// # Errors
    ///
    /// When the driver does not tell.
    pub async fn console(&self) -> Result<Vec<String>> {
        let entries = self.log("browser").await?;
        let entries = entries.as_array().cloned().unwrap_or_default();
        Ok(entries.iter().map(Value::to_string).collect())
    }

    /// The addresses of all that was asked for since the page was opened, the page
    /// itself included.
    ///
    /// # Errors
    ///
    /// When the driver does not tell.
    pub async fn requests(&self) -> Result<Vec<String>> {
        let entries = self.log("performance").await?;
        let entries = entries.as_array().cloned().unwrap_or_default();
        let messages = entries.iter().filter_map(|entry| {
            let text = entry["message"].as_str()?;
            let event: Value = serde_json::from_str(text).ok()?;
            let event = &event["message"];
            if event["method"] != "Network.requestWillBeSent" {
                return None;
            }
            event["params"]["request"]["url"]
                .as_str()
                .map(str::to_owned)
        });
        Ok(messages.collect())
    }

    /// A picture of the whole page as PNG.
    ///
    /// # Errors
    ///
    /// When the browser makes none.
    pub async fn picture(&self) -> Result<Vec<u8>> {
        let wanted = json!({"format": "png", "captureBeyondViewport": true});
        let answer = self.devtools("Page.captureScreenshot", wanted).await?;
        let data = answer["data"].as_str().context("no picture")?;
        aws_smithy_types::base64::decode(data).map_err(|error| anyhow!("the picture: {error}"))
    }

    async fn log(&self, kind: &str) -> Result<Value> {
        self.session("POST", "/se/log", json!({ "type": kind }))
            .await
    }

    async fn devtools(&self, command: &str, parameters: Value) -> Result<Value> {
        let body = json!({"cmd": command, "params": parameters});
        self.session("POST", "/goog/cdp/execute", body).await
    }

    async fn session(&self, method: &str, path: &str, body: Value) -> Result<Value> {
        let path = format!("/session/{}{path}", self.session);
        self.call(method, &path, Some(body)).await
    }

    /// One call of the WebDriver protocol; its answer's `value`.
    async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(connection);
        let body = body.map_or_else(Bytes::new, |body| body.to_string().into());
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", format!("127.0.0.1:{}", self.port))
            .header("content-type", "application/json")
            .body(Full::new(body))?;
        let response = sender.send_request(request).await?;
        let status = response.status();
        let bytes = response.into_body().collect().await?.to_bytes();
        connection.abort();
        let mut answer: Value = serde_json::from_slice(&bytes)?;
        let value = answer["value"].take();
        if !status.is_success() {
            bail!("{method} {path}: {}", value["message"]);
        }
        Ok(value)
    }
}

/// A port that was free a moment ago.
fn free_port() -> Result<u16> {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}
