//! What the programs in `examples/` share: their arguments, and how they show a user.

pub mod embedded;

use std::{env, io, process};

use fief_proto::{Config, Tokens, UserInfo};

/// The redirect URI of the examples. It must be registered with the client, byte for byte.
pub const REDIRECT_URI: &str = "http://localhost:8000/callback";

/// The purpose of the examples for the two drivers.
pub const PURPOSE: &str =
    "Signs a user in by hand: prints the authorization URL, and reads what comes back.";

/// The configuration of a program with this purpose, from the command line or, for what is missing
/// there, the environment.
///
/// Ends the process with the usage if `--help` is asked for or something is missing.
pub fn config(program: &str, purpose: &str) -> Config {
    let usage = format!(
        "{purpose}

Usage: cargo run --example {program} -- BASE_URL CLIENT_ID [CLIENT_SECRET]

Each can also come from the environment: FIEF_BASE_URL, FIEF_CLIENT_ID, FIEF_CLIENT_SECRET
(leave the secret out for a public client). The client must have the redirect URI
{REDIRECT_URI}."
    );
    let arguments: Vec<String> = env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        println!("{usage}");
        process::exit(0);
    }
    let argument = |position: usize, name: &str| {
        arguments.get(position).cloned().or_else(|| env::var(name).ok())
    };
    let (Some(base_url), Some(client_id)) =
        (argument(0, "FIEF_BASE_URL"), argument(1, "FIEF_CLIENT_ID"))
    else {
        eprintln!("{usage}");
        process::exit(2);
    };
    let config = Config::new(base_url, client_id);
    match argument(2, "FIEF_CLIENT_SECRET") {
        Some(secret) => config.client_secret(secret),
        None => config,
    }
}

/// Shows where to go, and reads the redirect URL or the code that the user copies back.
///
/// # Errors
///
/// If standard input can't be read.
pub fn ask(url: &str) -> io::Result<String> {
    println!("Open this address and sign in:\n\n  {url}\n");
    println!("Then paste the address you were sent to, or the code in it:");
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(line.trim().to_owned())
}

/// Whether this is the whole redirect URL, or else the code alone.
pub fn is_url(pasted: &str) -> bool {
    pasted.contains("://")
}

/// Shows who has signed in, and what the tokens are; never the tokens themselves.
pub fn show(tokens: &Tokens, user: &UserInfo) {
    println!("\nSigned in: {} ({})", user.email.as_deref().unwrap_or("no email"), user.sub);
    println!("  type           {}", tokens.token_type);
    println!("  lifetime       {} s", tokens.expires_in.unwrap_or_default());
    println!("  access token   {} characters", tokens.access_token.expose().len());
    println!("  ID token       {} characters", tokens.id_token.expose().len());
    println!("  refresh token  {}", if tokens.refresh_token.is_some() { "yes" } else { "no" });
    for (name, value) in user.fields.iter().flatten() {
        println!("  {name}: {value}");
    }
}

/// The code of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

/// The guide of the core, whose programs need a server.
#[cfg(doctest)]
pub mod guide {
    #[doc = include_str!("../../crates/fief-proto/src/guide/embedding.md")]
    pub struct Embedding;

    #[doc = include_str!("../../crates/fief-proto/src/guide/security.md")]
    pub struct Security;
}
