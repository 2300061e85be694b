//! An API on poem, which does not use tower: a custom guard with `authenticate`.

mod fief;

use clap::Parser;
use fief_tower::{AccessTokenInfo, AuthError, BearerAuth, Fief, Requirements, add_headers};
use poem::{Endpoint, EndpointExt as _, Request, Response, Route, Server, get, handler, web::Data};

use crate::fief::{Arguments, Outcome, Party};

/// An API on poem, protected by Fief
#[derive(Parser)]
struct Command {
    #[command(flatten)]
    arguments: Arguments,
}

#[handler]
fn castles(Data(user): Data<&AccessTokenInfo>) -> String {
    format!("Fougères, for {}\n", user.id)
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let command = Command::parse();
    let party = Party::gather(&command.arguments, |server, _| server).await?;
    let auth = BearerAuth::new(Fief::new(party.config)?);
    let guarded = get(castles).around(move |endpoint, mut request: Request| {
        let auth = auth.clone();
        async move {
            let required = Requirements::none().permission("castles:read");
            match auth.authenticate(request.headers(), &required).await {
                Ok(user) => {
                    request.set_data(user);
                    endpoint.call(request).await
                }
                Err(error) => Ok(refusal(&error)),
            }
        }
    });
    println!("API      {}", party.here);
    let acceptor = poem::listener::TcpAcceptor::from_tokio(party.listener)?;
    Ok(Server::new_with_acceptor(acceptor).run(Route::new().at("/", guarded)).await?)
}

fn refusal(error: &AuthError) -> Response {
    error.log();
    let mut response = Response::from(error.description().into_owned());
    response.set_status(error.status());
    add_headers(error, response.headers_mut());
    response
}
