//! What the axum examples share: the command line, and the Fief server behind them.

use std::error::Error;

use clap::Args;
use fief_axum::Config;
use fief_devserver::{Builder, DevServer};
use fief_examples::embedded;
use tokio::net::TcpListener;

pub type Outcome<T> = Result<T, Box<dyn Error>>;

/// The Fief server, and where to listen. Without arguments, an embedded server is used.
#[derive(Args)]
pub struct Arguments {
    /// A Fief server of yours, instead of the embedded one
    #[arg(long, value_name = "URL", requires = "client_id", env = "FIEF_BASE_URL")]
    base_url: Option<String>,

    /// The client of your server; it needs the redirect URIs of this example
    #[arg(
        long,
        value_name = "ID",
        requires = "base_url",
        env = "FIEF_CLIENT_ID",
        allow_hyphen_values = true
    )]
    client_id: Option<String>,

    /// Its secret; leave it out for a public client
    #[arg(
        long,
        value_name = "SECRET",
        requires = "base_url",
        env = "FIEF_CLIENT_SECRET",
        hide_env_values = true,
        allow_hyphen_values = true
    )]
    client_secret: Option<String>,

    /// Where to listen on this machine; 0 for any free port
    #[arg(long, default_value_t = 8000)]
    port: u16,
}

/// All that is ready before the application starts.
#[allow(dead_code, reason = "each example uses its part")]
pub struct Party {
    pub config: Config,
    /// The base URL of Fief.
    pub fief: String,
    /// The base URL of the example.
    pub here: String,
    pub listener: TcpListener,
    /// The embedded server, if this example has started it: it runs as long as this is kept.
    pub server: Option<DevServer>,
}

impl Party {
    /// `setup` adds to the embedded server.
    pub async fn gather(
        arguments: &Arguments,
        setup: impl FnOnce(Builder, &str) -> Builder,
    ) -> Outcome<Self> {
        let listener = TcpListener::bind(("127.0.0.1", arguments.port)).await?;
        let here = format!("http://localhost:{}", listener.local_addr()?.port());
        if let (Some(url), Some(id)) = (&arguments.base_url, &arguments.client_id) {
            let config = Config::new(url, id);
            let config = match &arguments.client_secret {
                Some(secret) => config.client_secret(secret.as_str()),
                None => config,
            };
            println!("Fief     {url}");
            return Ok(Self { config, fief: url.clone(), here, listener, server: None });
        }
        let server = embedded::start_for(&here, |server| setup(server, &here))?;
        let (fief, (id, secret)) = (embedded::base_url(), embedded::WEB_CLIENT);
        println!("Fief     {fief}, a toy: the client is {id}, its secret {secret}");
        for (name, password) in [embedded::USER, embedded::OTHER_USER] {
            println!("User     {name}, {password}");
        }
        let config = Config::new(&fief, id).client_secret(secret);
        Ok(Self { config, fief, here, listener, server })
    }
}
