//! A whole sign-in, step by step. Without arguments it uses an embedded server.

mod arguments;
mod paint;
mod party;

use std::{error::Error, process::ExitCode};

use clap::Parser;
use fief_cli::{CredentialsMemory, FiefAuth};
use fief_proto::{Acr, Report, Requirements, Tokens, UserInfo};
use fief_ureq::Fief;

use crate::{
    arguments::Arguments,
    paint::{heading, line, note},
    party::Party,
};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nThis did not work: {}", Report(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Outcome<()> {
    heading("The server");
    let party = Party::gather(arguments)?;
    let fief = Fief::new(party.config())?;

    heading("Signing in");
    let auth = FiefAuth::with_store(fief.clone(), CredentialsMemory::default());
    let (tokens, user) = auth.authorize_with(&party.authorize_options())?;
    note(
        "came back with a code, which was traded for tokens once state, nonce and PKCE had been checked",
    );

    heading("The tokens");
    show_tokens(&tokens, arguments.show_tokens);

    heading("The user, from the ID token");
    show_user(&user);

    heading("The access token, as an API would check it");
    validate(&fief, &tokens)?;

    heading("The user, asked for with the access token");
    let asked = fief.userinfo_of(tokens.access_token.expose(), &user.sub)?;
    line("user", asked.email.as_deref().unwrap_or(&asked.sub));

    heading("A refresh");
    let refreshed = refresh(&fief, &tokens, &user)?;
    show_tokens(&refreshed, arguments.show_tokens);

    heading("What is refused");
    refusals(&fief, &refreshed)?;

    println!("\n{}", paint::good("All of it worked."));
    Ok(())
}

fn show_tokens(tokens: &Tokens, whole: bool) {
    let shown = |token: &str| {
        if whole {
            token.to_owned()
        } else {
            format!("{} characters (--show-tokens shows them)", token.len())
        }
    };
    line("type", &tokens.token_type);
    line("lifetime", &format!("{} s", tokens.expires_in.unwrap_or_default()));
    line("access token", &shown(tokens.access_token.expose()));
    line("ID token", &shown(tokens.id_token.expose()));
    let refresh_token = tokens.refresh_token.as_ref();
    line("refresh token", &refresh_token.map_or("none".to_owned(), |token| shown(token.expose())));
}

fn show_user(user: &UserInfo) {
    line("id", &user.sub);
    line("email", user.email.as_deref().unwrap_or("none"));
    for (name, value) in user.fields.iter().flatten() {
        line(name, &value.to_string());
    }
}

fn validate(fief: &Fief, tokens: &Tokens) -> Outcome<()> {
    let required = Requirements::none().scope(["openid"]);
    let mut info = fief.validate_access_token(tokens.access_token.expose(), &required)?;
    // The server gives them in any order.
    info.permissions.sort();
    line("user", &info.id.to_string());
    line("scope", &info.scope.join(" "));
    line(
        "permissions",
        &if info.permissions.is_empty() { "none".to_owned() } else { info.permissions.join(", ") },
    );
    line(
        "level",
        match info.acr {
            Some(Acr::LevelOne) => "1: a password was given",
            Some(Acr::LevelZero) => "0: a session was kept",
            _ => "not told",
        },
    );
    Ok(())
}

/// Exchanges the refresh token for new tokens, and checks that it works only once.
fn refresh(fief: &Fief, tokens: &Tokens, user: &UserInfo) -> Outcome<Tokens> {
    let token = tokens.refresh_token.as_ref().ok_or("the server gave no refresh token")?;
    let request = || fief_proto::RefreshRequest::new(token).previous(user);
    let (refreshed, _) = fief.auth_refresh_token(request())?;
    match fief.auth_refresh_token(request()) {
        Err(error) => note(&format!("the old refresh token is spent: {}", Report(&error))),
        Ok(_) => return Err("the refresh token worked twice".into()),
    }
    Ok(refreshed)
}

/// A token that was changed, and a valid one that allows too little.
fn refusals(fief: &Fief, tokens: &Tokens) -> Outcome<()> {
    let token = tokens.access_token.expose();
    let (message, signature) = token.rsplit_once('.').ok_or("the access token has no parts")?;
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    let forged = format!("{message}.{first}{}", signature.get(1..).unwrap_or_default());
    let level_one = Requirements::none().acr(Acr::LevelOne);
    for (name, token, required) in [
        ("a forged token", forged.as_str(), Requirements::none()),
        ("a password wanted", token, level_one),
        ("a permission wanted", token, Requirements::none().permissions(["moon:own"])),
    ] {
        match fief.validate_access_token(token, &required) {
            Err(fief_proto::Error::AccessToken(error)) => {
                line(name, &format!("{}: {}", error.status(), Report(&error)));
            }
            Err(error) => return Err(error.into()),
            Ok(_) => return Err(format!("{name} was not refused").into()),
        }
    }
    Ok(())
}
