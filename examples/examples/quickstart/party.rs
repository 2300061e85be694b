//! The parties: a server, a client of it, and a user with or without a browser.

use std::{
    io::{self, IsTerminal},
    net::TcpListener,
};

use fief_cli::AuthorizeOptions;
use fief_devserver::{Client, DevServer, User};
use fief_proto::{Config, Secret};

use crate::{
    Outcome,
    arguments::Arguments,
    paint::{line, note},
};

const EMAIL: &str = "anne@bretagne.duchy";
const PASSWORD: &str = "hermine-tincture-1488";

pub struct Party {
    config: Config,
    redirect_uri: String,
    /// The user to sign in without a browser; none if there is one.
    user: Option<(String, Secret)>,
    /// Keeps the embedded server running.
    _server: Option<DevServer>,
}

impl Party {
    pub fn gather(arguments: &Arguments) -> Outcome<Self> {
        match &arguments.base_url {
            Some(base_url) => Self::with_theirs(arguments, base_url),
            None => Self::with_ours(arguments),
        }
    }

    fn with_ours(arguments: &Arguments) -> Outcome<Self> {
        let redirect_uri = format!("http://localhost:{}/callback", free_port()?);
        let server = DevServer::builder()
            .client(Client::confidential("quickstart", "secret").redirect_uri(&redirect_uri))
            .user(
                User::new(EMAIL, PASSWORD)
                    .permission("castles:read")
                    .permission("castles:create")
                    .field("first_name", "Anne")
                    .field("castles", 3),
            )
            .start()?;
        line("started", &format!("{}, in this process", server.base_url()));
        let alone = arguments.auto || !io::stdout().is_terminal();
        if !alone {
            note(&format!("sign in as {EMAIL} with the password {PASSWORD}"));
        }
        Ok(Self {
            config: server.config(),
            redirect_uri,
            user: alone.then(|| (EMAIL.to_owned(), PASSWORD.into())),
            _server: Some(server),
        })
    }

    fn with_theirs(arguments: &Arguments, base_url: &str) -> Outcome<Self> {
        line("yours", base_url);
        let mut config = Config::new(base_url, arguments.client_id.clone().unwrap_or_default());
        if let Some(secret) = &arguments.client_secret {
            config = config.client_secret(secret.as_str());
        }
        let alone = arguments.auto || !io::stdout().is_terminal();
        let user = match (&arguments.email, &arguments.password) {
            (Some(email), Some(password)) if alone => {
                Some((email.clone(), password.as_str().into()))
            }
            _ if arguments.auto => return Err("--auto needs --email and --password".into()),
            _ => None,
        };
        let redirect_uri = arguments.redirect_uri.clone();
        Ok(Self { config, redirect_uri, user, _server: None })
    }

    pub fn config(&self) -> Config {
        self.config.clone()
    }

    /// How the user comes to the authorization URL and back.
    pub fn authorize_options(&self) -> AuthorizeOptions {
        let options = AuthorizeOptions::redirect_to(&self.redirect_uri);
        let Some((email, password)) = self.user.clone() else {
            return options.announce(|url| {
                line("authorization URL", url);
                note("your browser opens it now; if it does not, open it yourself");
            });
        };
        options.announce(|url| line("authorization URL", url)).browser(move |url| {
            let callback = fief_devserver::sign_in(url, &email, password.expose());
            let callback = callback.map_err(io::Error::other)?;
            line("signed in as", &email);
            line("callback", &without_values(&callback));
            // What a browser does at the end.
            ureq::get(&callback).call().map_err(io::Error::other)?;
            Ok(())
        })
    }
}

/// A code is as secret as a password until it is exchanged.
fn without_values(url: &str) -> String {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let names: Vec<_> =
        query.split('&').map(|pair| pair.split('=').next().unwrap_or_default()).collect();
    format!("{path}?{}", names.iter().map(|name| format!("{name}=…")).collect::<Vec<_>>().join("&"))
}

/// The server accepts only redirect URIs that it knows, port included.
fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
