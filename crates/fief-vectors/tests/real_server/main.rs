//! walker probe
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code
)]
mod browser;
mod http;
mod page;
mod setup;
use browser::*;
use setup::*;

fn url(server: &Server, key: &str, extra: &str) -> String {
    let c = server.client(key);
    format!(
        "{}/authorize?response_type=code&client_id={}&redirect_uri=http%3A%2F%2Flocalhost%3A8000%2Fcallback&scope=openid+offline_access&state=abc{extra}",
        c.base_url, c.client_id
    )
}

#[test]
fn probe() {
    let Some(server) = Server::under_test() else {
        return;
    };
    let user = server.new_user();
    server.grant(&user, "castles:read");
    let mut b = Browser::default();
    println!(
        "{} {} {}",
        b.sign_in(&url(server, "confidential", ""), &user),
        b.sign_ins,
        b.consents
    );
    println!(
        "{} {} {}",
        b.sign_in(&url(server, "confidential", ""), &user),
        b.sign_ins,
        b.consents
    );
    println!(
        "{} {} {}",
        b.sign_in(&url(server, "confidential", "&acr_values=1"), &user),
        b.sign_ins,
        b.consents
    );
    println!(
        "{} {} {}",
        b.sign_in(&url(server, "confidential", "&max_age=0"), &user),
        b.sign_ins,
        b.consents
    );
    println!(
        "{:?} {} {}",
        b.walk(&url(server, "third_party", ""), &user, Consent::Deny),
        b.sign_ins,
        b.consents
    );
    println!(
        "{:?} {} {}",
        b.walk(&url(server, "third_party", ""), &user, Consent::Allow),
        b.sign_ins,
        b.consents
    );
    println!(
        "{:?} {} {}",
        b.walk(&url(server, "third_party", ""), &user, Consent::Allow),
        b.sign_ins,
        b.consents
    );
    println!(
        "{:?}",
        Browser::default().walk(
            &url(server, "confidential", "&prompt=none"),
            &user,
            Consent::Allow
        )
    );
    println!(
        "{:?}",
        Browser::default().walk(
            &url(server, "confidential", "").replace("8000", "8001"),
            &user,
            Consent::Allow
        )
    );
    let second = server.new_user_of("second");
    println!(
        "{:?}",
        Browser::default().walk(&url(server, "second_tenant", ""), &second, Consent::Allow)
    );
    println!(
        "{:?}",
        Browser::default().walk(&url(server, "second_tenant", ""), &user, Consent::Allow)
    );
    println!(
        "{:?}",
        Browser::default().walk(&url(server, "expired_code", ""), &user, Consent::Allow)
    );
    println!(
        "{:?}",
        b.redirect_from(&format!(
            "{}/logout?redirect_uri=http://localhost:8000/bye",
            server.base_url
        ))
    );
    println!(
        "{:?} {}",
        b.sign_in(&url(server, "confidential", ""), &user),
        b.sign_ins
    );
    let d = server.delivery("user.created", &user.id);
    println!("{:?} {}", d.headers, d.body);
}
