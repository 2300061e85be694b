//! Signs a user in with the async client, by hand. Try `-- --help`.

use std::error::Error;

use fief_examples::{PURPOSE, REDIRECT_URI, ask, config, is_url, show};
use fief_hyper::Fief;
use fief_proto::{AuthorizationRequest, Report, Requirements};

#[tokio::main]
async fn main() {
    if let Err(error) = run().await {
        eprintln!("{}", Report(error.as_ref()));
        std::process::exit(1);
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let fief = Fief::new(config("async", PURPOSE))?;

    let request = AuthorizationRequest::new(REDIRECT_URI).scope(["openid", "offline_access"]);
    let login = fief.login(request).await?;
    let pasted = ask(&login.url)?;
    let (tokens, user) = if is_url(&pasted) {
        fief.finish_login(login.pending, &pasted).await?
    } else {
        fief.finish_login_with_code(login.pending, &pasted).await?
    };
    show(&tokens, &user);

    let token = tokens.access_token.expose();
    let info = fief.validate_access_token(token, &Requirements::none().scope(["openid"])).await?;
    println!("  permissions    {}", info.permissions.join(", "));
    println!("\nThe server knows them as {}.", fief.userinfo(token).await?.sub);
    Ok(())
}
