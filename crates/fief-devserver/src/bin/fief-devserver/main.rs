//! A Fief server for development, in a program of its own.

mod arguments;
mod problem;
mod settings;

use std::{
    io::{Write, stdout},
    process::ExitCode,
};

use clap::Parser;
use fief_devserver::DevServer;

use crate::{arguments::Arguments, problem::Problem};

const BEGINNING: &str =
    "Fief for development. It protects nothing, and forgets all when it ends.\n";
const END: &str = "\nCtrl-C ends it.";

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Problem> {
    let mut settings = settings::gather(arguments)?;
    let encryption = settings::encrypt(arguments, &mut settings)?;
    let mut builder =
        DevServer::builder().settings(settings).address(arguments.address).port(arguments.port);
    if let Some(bits) = arguments.key_bits {
        builder = builder.key_bits(bits);
    }
    if arguments.dangerous_listen_beyond_loopback {
        builder = builder.dangerous_listen_beyond_loopback();
    }
    let server = builder.start().map_err(|error| Problem::start(error, arguments))?;

    let report = format!("{BEGINNING}\n{}{}{END}\n", server.overview(), encryption);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        tokio::select! {
            // The signal first, so that a program that has read the report can end this one.
            biased;
            ended = end_asked_for() => ended,
            () = async {
                // Standard output may be closed.
                let _ = stdout().write_all(report.as_bytes());
                std::future::pending::<()>().await;
            } => Ok(()),
        }
    })?;
    drop(server);
    Ok(())
}

#[cfg(unix)]
async fn end_asked_for() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminated.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn end_asked_for() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
