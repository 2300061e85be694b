//! A gRPC server on tonic, guarded by the layer of `fief-tower`: calls without a valid token end
//! with `UNAUTHENTICATED`, those without a required scope or permission with `PERMISSION_DENIED`.

mod fief;

use clap::Parser;
use fief_tower::{BearerAuth, Fief, Grpc, Requirements};
use tonic::transport::{Server, server::TcpIncoming};

use crate::fief::{Arguments, Outcome, Party};

/// A gRPC server, protected by Fief
#[derive(Parser)]
struct Command {
    #[command(flatten)]
    arguments: Arguments,
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let command = Command::parse();
    let party = Party::gather(&command.arguments, |server, _| server).await?;
    let auth = BearerAuth::new(Fief::new(party.config)?).answer(Grpc);
    let read = auth.require(Requirements::none().permission("castles:read"));

    // A real service is generated from its description; a handler finds the `AccessTokenInfo` in
    // the extensions of its request.
    let (_reporter, service) = tonic_health::server::health_reporter();
    println!("gRPC     {}", party.here);
    let server = Server::builder().layer(read).add_service(service);
    Ok(server.serve_with_incoming(TcpIncoming::from(party.listener)).await?)
}
