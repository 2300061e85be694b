//! Signs a user in with the blocking client, by hand. Try `-- --help`.

use std::error::Error;

use fief_examples::{PURPOSE, REDIRECT_URI, ask, config, is_url, show};
use fief_proto::{AuthorizationRequest, Report, Requirements};
use fief_ureq::Fief;

fn main() {
    if let Err(error) = run() {
        eprintln!("{}", Report(error.as_ref()));
        std::process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let fief = Fief::new(config("blocking", PURPOSE))?;

    let request = AuthorizationRequest::new(REDIRECT_URI).scope(["openid", "offline_access"]);
    let login = fief.login(request)?;
    let pasted = ask(&login.url)?;
    let (tokens, user) = if is_url(&pasted) {
        fief.finish_login(login.pending, &pasted)?
    } else {
        fief.finish_login_with_code(login.pending, &pasted)?
    };
    show(&tokens, &user);

    let token = tokens.access_token.expose();
    let info = fief.validate_access_token(token, &Requirements::none().scope(["openid"]))?;
    println!("  permissions    {}", info.permissions.join(", "));
    println!("\nThe server knows them as {}.", fief.userinfo(token)?.sub);
    Ok(())
}
