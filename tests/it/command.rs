//! The built binary: run to its end, or started and watched.
//!
//! Invariant: the user's environment does not reach it, and no run outlives its test.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::pair::Pair;

const LIMIT: Duration = Duration::from_secs(120);

/// Runs fdwcopy between the databases of the pair.
pub(crate) fn fdwcopy(pair: &Pair, args: &[&str]) -> Run {
    Fdwcopy::between(pair).args(args).run()
}

/// Runs `fdwcopy clone` between the databases of the pair.
pub(crate) fn clone(pair: &Pair, args: &[&str]) -> Run {
    Fdwcopy::between(pair).args(&["clone"]).args(args).run()
}

/// A command line in the making.
pub(crate) struct Fdwcopy(Command);

impl Fdwcopy {
    /// Without any endpoint.
    pub(crate) fn alone() -> Self {
        Self::of(Command::new(env!("CARGO_BIN_EXE_fdwcopy")))
    }

    /// Without any endpoint, with this disposition of signals, an option of `env`.
    pub(crate) fn with_signals(disposition: &str) -> Self {
        let mut command = Command::new("env");
        command.args([disposition, env!("CARGO_BIN_EXE_fdwcopy")]);
        Self::of(command)
    }

    fn of(mut command: Command) -> Self {
        command.env_clear().env("HOME", "/nonexistent").env("RUST_BACKTRACE", "1");
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self(command)
    }

    /// With both endpoints in the environment.
    pub(crate) fn between(pair: &Pair) -> Self {
        let (source, target) = (pair.source.login_url(), pair.target.login_url());
        Self::alone().env("FDWCOPY_SOURCE", &source).env("FDWCOPY_TARGET", &target)
    }

    pub(crate) fn source(self, conninfo: &str) -> Self {
        self.env("FDWCOPY_SOURCE", conninfo)
    }

    pub(crate) fn target(self, conninfo: &str) -> Self {
        self.env("FDWCOPY_TARGET", conninfo)
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.0.env(name, value);
        self
    }

    pub(crate) fn args(mut self, args: &[&str]) -> Self {
        self.0.args(args);
        self
    }

    pub(crate) fn run(self) -> Run {
        self.spawn().wait()
    }

    pub(crate) fn spawn(mut self) -> Running {
        let mut child = self.0.spawn().unwrap();
        let stdout = drain(child.stdout.take().unwrap());
        let stderr = drain(child.stderr.take().unwrap());
        Running { child, stdout, stderr, peak_kib: 0, waited_for: false }
    }
}

/// What a pipe brought so far, and the thread that reads it.
struct Drain {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Drain {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().unwrap()).into_owned()
    }

    fn whole_text(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        self.text()
    }
}

fn drain(mut pipe: impl Read + Send + 'static) -> Drain {
    let bytes = Arc::new(Mutex::new(Vec::new()));
    let shared = Arc::clone(&bytes);
    let reader = std::thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(length @ 1..) = pipe.read(&mut buffer) {
            shared.lock().unwrap().extend_from_slice(&buffer[..length]);
        }
    });
    Drain { bytes, reader: Some(reader) }
}

/// A started run; killed when dropped unfinished.
pub(crate) struct Running {
    child: Child,
    stdout: Drain,
    stderr: Drain,
    peak_kib: u64,
    waited_for: bool,
}

impl Running {
    /// Sends a signal by its name, `INT` for example.
    pub(crate) fn signal(&self, name: &str) {
        assert!(self.try_signal(name), "kill -{name}");
    }

    /// Sends a signal; false if the run has ended.
    pub(crate) fn try_signal(&self, name: &str) -> bool {
        let pid = self.child.id().to_string();
        // The shell's own: a minimal Debian has no program of that name.
        Command::new("sh")
            .args(["-c", "kill -\"$1\" \"$2\"", "kill", name, &pid])
            .stderr(Stdio::null())
            .status()
            .unwrap()
            .success()
    }

    /// Whether these words have come on standard error by now.
    pub(crate) fn has_said(&self, words: &str) -> bool {
        self.stderr.text().contains(words)
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Fails the test, with all that was printed, if the run has ended.
    #[track_caller]
    pub(crate) fn has_not_ended(&mut self) {
        if !self.is_running() {
            let (stdout, stderr) = self.texts();
            panic!("fdwcopy ended too early\n--- stdout\n{stdout}\n--- stderr\n{stderr}");
        }
    }

    /// Waits for the end, sampling the peak memory of the process.
    pub(crate) fn wait(mut self) -> Run {
        let started = Instant::now();
        let status = loop {
            self.sample_memory();
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if started.elapsed() > LIMIT {
                self.child.kill().unwrap();
                let (stdout, stderr) = self.texts();
                panic!("fdwcopy did not end within {LIMIT:?}\n{stdout}\n{stderr}");
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        let (stdout, stderr) = self.texts();
        Run { code: status.code(), stdout, stderr, peak_kib: self.peak_kib, time: started.elapsed() }
    }

    fn texts(&mut self) -> (String, String) {
        self.waited_for = true;
        (self.stdout.whole_text(), self.stderr.whole_text())
    }

    fn sample_memory(&mut self) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = peak.and_then(|text| text.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0);
        self.peak_kib = self.peak_kib.max(kib);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.waited_for {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// A finished run.
#[derive(Debug)]
pub(crate) struct Run {
    /// The exit code; none after a fatal signal.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// Peak resident memory of the process itself.
    pub(crate) peak_kib: u64,
    /// Time from `wait` to the end.
    pub(crate) time: Duration,
}

impl Run {
    /// Asserts the exit code, showing everything the run printed if it is another.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert!(
            self.code == Some(code),
            "exit code {:?} instead of {code}\n--- stdout\n{}\n--- stderr\n{}",
            self.code,
            self.stdout,
            self.stderr
        );
        self
    }

    /// Asserts that standard error names all of these.
    #[track_caller]
    pub(crate) fn says(self, words: &[&str]) -> Self {
        for word in words {
            assert!(
                self.stderr.contains(word),
                "standard error does not name {word:?}\n--- stderr\n{}",
                self.stderr
            );
        }
        self
    }

    /// The one JSON document on standard output.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| {
            panic!("not one JSON document: {error}\n--- stdout\n{}\n--- stderr\n{}", self.stdout, self.stderr)
        })
    }

    /// The codes and objects of the refusals in the report.
    #[track_caller]
    pub(crate) fn findings(&self) -> Vec<(String, String)> {
        list(&self.json(), "findings", &["code", "object"])
            .into_iter()
            .map(|mut pair| (pair.remove(0), pair.remove(0)))
            .collect()
    }
}

/// Some fields of every element of a list in the report.
#[track_caller]
pub(crate) fn list(report: &Value, name: &str, fields: &[&str]) -> Vec<Vec<String>> {
    let elements = report[name].as_array().unwrap_or_else(|| panic!("no list {name} in {report}"));
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    elements.iter().map(|element| fields.iter().map(|field| text(&element[*field])).collect()).collect()
}

/// Writes a script that can be run.
pub(crate) fn write_program(path: &Path, script: &str) {
    std::fs::write(path, script).unwrap();
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
}
