//! An API on plain hyper, guarded by the layer of `fief-tower`.

mod fief;

use std::convert::Infallible;

use clap::Parser;
use fief_tower::{AccessTokenInfo, BearerAuth, Fief, Requirements};
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
    service::TowerToHyperService,
};
use tower::{Layer as _, service_fn};

use crate::fief::{Arguments, Outcome, Party};

/// An API without a framework, protected by Fief
#[derive(Parser)]
struct Command {
    #[command(flatten)]
    arguments: Arguments,
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let command = Command::parse();
    let party = Party::gather(&command.arguments, |server, _| server).await?;
    let auth = BearerAuth::new(Fief::new(party.config)?);
    let read = auth.require(Requirements::none().permission("castles:read"));
    let service = TowerToHyperService::new(read.layer(service_fn(castles)));

    println!("API      {}", party.here);
    loop {
        let (connection, _) = party.listener.accept().await?;
        let service = service.clone();
        tokio::spawn(async move {
            let server = Builder::new(TokioExecutor::new());
            if let Err(error) = server.serve_connection(TokioIo::new(connection), service).await {
                eprintln!("{error}");
            }
        });
    }
}

async fn castles(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    // The layer has put it there.
    let user = request.extensions().get::<AccessTokenInfo>().map(|token| token.id);
    Ok(Response::new(Full::from(format!("Fougères, for {}\n", user.unwrap_or_default()))))
}
