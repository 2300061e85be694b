//! Writes what the server sends into the files that the scenarios wait for.

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use fief_devserver::DevServer;
use fief_testkit::sink::{Received, Sink};
use serde_json::json;

pub const MAILS: &str = "mails.jsonl";
pub const WEBHOOKS: &str = "webhooks.jsonl";

/// Writes webhooks as they arrive, until the process ends.
pub fn webhooks(sink: Sink, folder: &Path) {
    let mut file = File::create(folder.join(WEBHOOKS)).unwrap();
    thread::spawn(move || {
        for Received { headers, body } in sink.deliveries() {
            let headers: Vec<_> = headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
                .collect();
            let line = json!({"headers": headers, "body": body});
            file.write_all(format!("{line}\n").as_bytes()).unwrap();
        }
    });
}

/// Writes mails as the server sends them, while `run` does.
pub fn mails_while<T>(server: &DevServer, folder: &Path, run: impl FnOnce() -> T) -> T {
    let path = folder.join(MAILS);
    fs::write(&path, "").unwrap();
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::SeqCst) {
                write_mails(server, folder, &path);
                thread::sleep(Duration::from_millis(20));
            }
        });
        let result = run();
        over.store(true, Ordering::SeqCst);
        result
    })
}

fn write_mails(server: &DevServer, folder: &Path, path: &Path) {
    let lines = server.mails().into_iter().map(|mail| {
        let line = json!({"to": [mail.to], "code": mail.code});
        format!("{line}\n")
    });
    let new = folder.join("mails.new");
    fs::write(&new, lines.collect::<String>()).unwrap();
    fs::rename(new, path).unwrap();
}
