//! The embedded Fief server of the examples.

use std::{env, io::ErrorKind};

use fief_devserver::{Builder, Client, DevServer, StartError, User};
use uuid::Uuid;

/// The client of the examples that run on a server, and its secret.
pub const WEB_CLIENT: (&str, &str) = ("examples-web", "examples-web-secret");
/// The client of the examples that run on the user's machine.
pub const CLI_CLIENT: &str = "examples-cli";
/// A user with the permission `castles:read`, and their password.
pub const USER: (&str, &str) = ("anne@bretagne.duchy", "hermine-tincture-1488");
/// A user without it, and their password.
pub const OTHER_USER: (&str, &str) = ("louis@valois.kingdom", "porc-epic-tincture-1498");

/// The port of the server, unless `FIEF_EXAMPLES_PORT` names another.
const PORT: u16 = 8808;

/// The base URL of the server. All examples share it: the first that runs starts it.
pub fn base_url() -> String {
    format!("http://localhost:{}", port())
}

/// Starts the server, which stops when it is dropped; none if another example runs it already.
///
/// Its users and keys are the same each time, so that earlier tokens are still valid.
///
/// # Errors
///
/// If it can't be started.
pub fn start() -> Result<Option<DevServer>, StartError> {
    start_for("http://localhost:8000", |server| server)
}

/// Starts it for a site at this base URL, with what `setup` adds.
///
/// # Errors
///
/// If it can't be started.
pub fn start_for(
    site: &str,
    setup: impl FnOnce(Builder) -> Builder,
) -> Result<Option<DevServer>, StartError> {
    let web = Client::confidential(WEB_CLIENT.0, WEB_CLIENT.1)
        .redirect_uri(format!("{site}/callback"))
        .redirect_uri(format!("{site}/docs/oauth2-redirect.html"));
    let cli = Client::public(CLI_CLIENT).redirect_uri("http://localhost:51562/callback");
    let anne = User::new(USER.0, USER.1)
        .id(Uuid::from_u128(1))
        .permission("castles:read")
        .field("first_name", "Anne")
        .field("castles", 3);
    let louis = User::new(OTHER_USER.0, OTHER_USER.1).id(Uuid::from_u128(2));
    let server = DevServer::builder().client(web).client(cli).user(anne).user(louis);
    match setup(server).port(port()).start() {
        Err(StartError::Io(error)) if error.kind() == ErrorKind::AddrInUse => Ok(None),
        outcome => outcome.map(Some),
    }
}

fn port() -> u16 {
    env::var("FIEF_EXAMPLES_PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(PORT)
}
