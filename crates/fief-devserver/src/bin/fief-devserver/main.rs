//! A Fief server for development, in a program of its own.

mod arguments;
mod encryption;
mod problem;
mod report;
mod settings;

use std::{
    io::{Write, stdout},
    process::ExitCode,
};

use clap::Parser;
use fief_devserver::DevServer;

use crate::{arguments::Arguments, problem::Problem};

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
    let encryption = encryption::set_up(arguments, &mut settings)?;
    let mut builder = DevServer::builder()
        .settings(settings.clone())
        .address(arguments.address)
        .port(arguments.port);
    if let Some(bits) = arguments.key_bits {
        builder = builder.key_bits(bits);
    }
    if arguments.dangerous_listen_beyond_loopback {
        builder = builder.dangerous_listen_beyond_loopback();
    }
    let server = builder.start().map_err(|error| Problem::start(error, arguments))?;

    let report = report::report(&server, &settings, encryption.as_ref());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        tokio::select! {
            // In this order, so that whoever has read the report can end the program.
            biased;
            ended = end_asked_for() => ended,
            () = async {
                // Nobody may be there to read it.
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
