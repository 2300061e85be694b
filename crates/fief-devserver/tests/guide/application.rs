use fief_devserver::*;
use fief_ureq::{Error, Fief, Requirements, Tokens, UserInfo};

const CALLBACK: &str = "http://localhost:8000/callback";
const ANNE: &str = "anne@bretagne.duchy";
const PASSWORD: &str = "hermine-tincture-1488";

#[allow(dead_code)]
fn may_read(fief: &Fief, token: &str) -> Result<(), Error> {
    let required = Requirements::none().permission("castles:read");
    fief.validate_access_token(token, &required).map(drop)
}

#[allow(dead_code)]
fn sign_in(server: &DevServer, fief: &Fief) -> Result<(Tokens, UserInfo), Error> {
    let login = fief.login(CALLBACK)?;
    let callback = server.sign_in(&login.url, ANNE, PASSWORD).unwrap();
    fief.finish_login(login.pending, &callback)
}
