//! The command line.

use clap::Parser;

/// Signs a user in and shows each step: with an embedded server, or with yours.
#[derive(Parser)]
#[command(name = "quickstart")]
pub struct Arguments {
    /// Sign in without a browser, by walking the pages; the default without a terminal
    #[arg(long)]
    pub auto: bool,

    /// Show whole tokens: everyone who sees them can use them
    #[arg(long)]
    pub show_tokens: bool,

    /// A Fief server of yours, instead of the embedded one
    #[arg(long, value_name = "URL", requires = "client_id", env = "FIEF_BASE_URL")]
    pub base_url: Option<String>,

    /// The client of your server to sign in to
    #[arg(long, value_name = "ID", requires = "base_url", env = "FIEF_CLIENT_ID")]
    pub client_id: Option<String>,

    /// Its secret; leave it out for a public client
    #[arg(
        long,
        value_name = "SECRET",
        requires = "base_url",
        env = "FIEF_CLIENT_SECRET",
        hide_env_values = true
    )]
    pub client_secret: Option<String>,

    /// A redirect URI of that client, on this machine
    #[arg(long, value_name = "URI", default_value = fief_cli::REDIRECT_URI)]
    pub redirect_uri: String,

    /// The user to sign in with --auto on your server
    #[arg(long, requires = "base_url", env = "FIEF_EMAIL")]
    pub email: Option<String>,

    /// Their password
    #[arg(long, requires = "email", env = "FIEF_PASSWORD", hide_env_values = true)]
    pub password: Option<String>,
}
