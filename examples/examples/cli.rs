//! A command-line program that signs its user in, and calls an API in their name.

use std::{error::Error, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use fief_cli::{AuthorizeOptions, FiefAuth, REDIRECT_URI, Refresh, Report, default_path};
use fief_devserver::DevServer;
use fief_examples::embedded;
use fief_ureq::{Config, Fief};

/// Signs you in with Fief, and calls an API in your name.
///
/// Without a server and a client, it starts a Fief server of its own for the time it runs.
#[derive(Parser)]
struct Arguments {
    /// Where Fief is, with the tenant in the path.
    #[arg(long, env = "FIEF_BASE_URL", requires = "client_id", global = true)]
    base_url: Option<String>,
    /// A public client that has the redirect URI.
    #[arg(long, env = "FIEF_PUBLIC_CLIENT_ID", global = true)]
    client_id: Option<String>,
    /// The redirect URI; with several, the first whose port is free is used.
    #[arg(long, default_value = REDIRECT_URI, global = true)]
    redirect_uri: Vec<String>,
    /// Open no browser here, and read what you paste. This is the default over ssh.
    #[arg(long, global = true)]
    no_browser: bool,
    /// The file for the credentials, instead of the usual folder.
    #[arg(long, global = true)]
    credentials: Option<PathBuf>,
    /// The account to use: each is signed in separately.
    #[arg(long, default_value = "credentials", global = true)]
    profile: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Signs you in, even if you are signed in already.
    Login,
    /// Says who is signed in.
    Hello {
        /// Ask the server.
        #[arg(long)]
        refresh: bool,
    },
    /// Calls an API with your access token.
    CallApi {
        /// An address on this machine: it is called without TLS.
        #[arg(default_value = "http://localhost:8000/user")]
        url: String,
    },
    /// Deletes your credentials.
    Logout,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", Report(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let (auth, _server) = auth(arguments)?;
    let options = AuthorizeOptions::redirect_to_any(&arguments.redirect_uri).program("Castles");
    let options = if arguments.no_browser { options.no_browser() } else { options };
    match &arguments.command {
        Command::Login => {
            let (_, user) = auth.authorize_with(&options)?;
            println!("Hello, {}!", user.email.unwrap_or(user.sub));
        }
        Command::Hello { refresh } => {
            let (_, mut user) = auth.sign_in_if_needed_with(&options)?;
            if *refresh {
                user = auth.current_user(Refresh::Yes)?;
            }
            println!("Hello, {}!", user.email.unwrap_or(user.sub));
        }
        Command::CallApi { url } => {
            let (token, _) = auth.sign_in_if_needed_with(&options)?;
            call(url, token.access_token.expose())?;
        }
        Command::Logout => {
            auth.logout()?;
            println!("Goodbye!");
        }
    }
    Ok(())
}

/// For the server of the arguments, or else for an embedded one, which stops when it is dropped.
fn auth(arguments: &Arguments) -> Result<(FiefAuth, Option<DevServer>), Box<dyn Error>> {
    let named = arguments.base_url.clone().zip(arguments.client_id.clone());
    let (app, server) = match &named {
        Some(_) => ("fief-example", None),
        None => ("fief-example-embedded", embedded::start()?),
    };
    if named.is_none() && !matches!(arguments.command, Command::Logout) {
        let (email, password) = embedded::USER;
        eprintln!("This Fief server is a toy: sign in as {email} with {password}");
    }
    let (base_url, client_id) =
        named.unwrap_or_else(|| (embedded::base_url(), embedded::CLI_CLIENT.to_owned()));
    let path = match &arguments.credentials {
        Some(path) => path.clone(),
        None => default_path(app)?.with_file_name(format!("{}.json", arguments.profile)),
    };
    Ok((FiefAuth::new(Fief::new(Config::new(base_url, client_id))?, path), server))
}

/// Shows what the API answers.
fn call(url: &str, token: &str) -> Result<(), Box<dyn Error>> {
    let uri: http::Uri = url.parse()?;
    if !matches!(uri.host(), Some("localhost" | "127.0.0.1" | "[::1]")) {
        return Err(
            "a token goes to other machines over https only, which this example can't".into()
        );
    }
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
    let mut response = agent.get(uri).header("Authorization", format!("Bearer {token}")).call()?;
    let body = response.body_mut().read_to_string()?;
    println!("{}\n{body}", response.status());
    if response.status().is_success() {
        return Ok(());
    }
    Err(format!("the API refuses with status {}", response.status()).into())
}
