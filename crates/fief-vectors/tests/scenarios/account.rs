//! The user's own data: `userinfo`, `update_profile`, `change_password`, `email_change`,
//! `email_verify`.

use fief_devserver::{Browser, SignInError};
use fief_proto::{Detail, EmailCode, NewEmail, NewPassword, Refusal, UserInfo};
use serde_json::json;

use super::{
    app::{App, request},
    driver::Driver,
    expect::{assert_error, refusal},
    server::{Server, User, new_email},
};

const OTHER_PASSWORD: &str = "autre-tincture-1491";

pub fn userinfo<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    let user = app.new_user();
    let token = sign_in(&app, &user);
    let info = app.fief.userinfo(&token).unwrap();
    assert_eq!((info.sub, info.email), (user.id.clone(), Some(user.email)));
    assert_eq!((info.email_verified, info.is_active), (Some(true), Some(true)));
    assert_eq!(info.fields.unwrap()["castles"], 3);

    app.fief.userinfo_of(&token, &user.id).unwrap();
    let other = server.new_user();
    assert_error(app.fief.userinfo_of(&token, &other.id), "response", "wrong_subject");
}

pub fn profile<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    let user = app.new_user();
    let token = sign_in(&app, &user);
    let data = json!({"fields": {"first_name": "Isabeau", "title": "duchess"}});
    let fields = |info: UserInfo| info.fields.unwrap();
    for fields in [
        fields(app.fief.update_profile(&token, &data).unwrap()),
        fields(app.fief.userinfo(&token).unwrap()),
    ] {
        assert_eq!(fields["first_name"], "Isabeau");
        assert_eq!(fields["title"], "duchess");
        assert_eq!(fields["castles"], 3, "what was left out stays");
    }
    // The address has a call of its own.
    let email = json!({"email": new_email()});
    assert_eq!(app.fief.update_profile(&token, &email).unwrap().email, Some(user.email));
}

pub fn profile_of_wrong_types<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    let data = json!({"fields": {"castles": "many"}});
    let refusal = refusal(app.fief.update_profile(&app.new_access_token(), &data));
    assert_eq!(refusal.status(), 422);
    let Some(Detail::List(items)) = refusal.detail() else { panic!("{refusal:?}") };
    assert_eq!(items[0].loc, "body.fields.castles");
    assert!(!refusal.to_string().contains("many"), "{refusal}");
}

pub fn password<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    let user = app.new_user();
    let token = sign_in(&app, &user);
    let changed = app.fief.change_password(&token, &NewPassword::new(OTHER_PASSWORD)).unwrap();
    assert_eq!(changed.sub, user.id);

    let with_new = User { password: OTHER_PASSWORD.to_owned(), ..user };
    let token = sign_in(&app, &with_new);
    let login = app.fief.login(request()).unwrap();
    let back = User { password: "hermine-tincture-1488".to_owned(), ..with_new };
    let page = Browser::default().sign_in(&login.url, &back.email, &back.password).unwrap_err();
    let SignInError::Page { status, code } = page else { panic!("{page}") };
    assert_eq!((status, code.as_deref()), (400, Some("bad_credentials")));

    app.fief.change_password(&token, &NewPassword::new(&back.password)).unwrap();
    sign_in(&app, &back);
}

pub fn password_too_weak<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    let refusal =
        refusal(app.fief.change_password(&app.new_access_token(), &NewPassword::new("password")));
    assert_detail(&refusal, 400, "USER_UPDATE_INVALID_PASSWORD");
    assert_eq!(refusal.reasons(), ["Password is not strong enough."]);
}

/// With a token of the lower level, neither password nor address can be changed.
pub fn session_too_weak<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    let user = app.new_user();
    let mut browser = Browser::default();
    app.sign_in_with(&mut browser, &user, request()).unwrap();
    let (kept, _) = app.sign_in_with(&mut browser, &user, request()).unwrap();
    let token = kept.access_token.expose();
    for refused in [
        app.fief.change_password(token, &NewPassword::new(OTHER_PASSWORD)),
        app.fief.email_change(token, &NewEmail::new(new_email())),
        app.fief.email_verify(token, &EmailCode::new("ABCDEF")),
    ] {
        assert_detail(&refusal(refused), 403, "ACR_TOO_LOW");
    }
    app.fief.userinfo(token).unwrap();
}

pub fn email<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    let user = app.new_user();
    let token = sign_in(&app, &user);
    let new = new_email();
    let pending = app.fief.email_change(&token, &NewEmail::new(&new)).unwrap();
    assert_eq!(pending.email.as_deref(), Some(user.email.as_str()));
    let verified =
        app.fief.email_verify(&token, &EmailCode::new(server.mailed_code(&new))).unwrap();
    assert_eq!((verified.sub, verified.email.as_ref()), (user.id.clone(), Some(&new)));
    sign_in(&app, &User { email: new, ..user });
}

pub fn wrong_email_code<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    let token = app.new_access_token();
    app.fief.email_change(&token, &NewEmail::new(new_email())).unwrap();
    let refusal = refusal(app.fief.email_verify(&token, &EmailCode::new("WRONG0")));
    assert_detail(&refusal, 400, "USER_UPDATE_INVALID_EMAIL_VERIFICATION_CODE");
}

pub fn email_of_another<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    let other = server.new_user();
    let refusal =
        refusal(app.fief.email_change(&app.new_access_token(), &NewEmail::new(&other.email)));
    assert_detail(&refusal, 400, "USER_UPDATE_EMAIL_ALREADY_EXISTS");
}

fn sign_in<D: Driver>(app: &App<'_, D>, user: &User) -> String {
    app.sign_in(user).0.access_token.expose().to_owned()
}

fn assert_detail(refusal: &Refusal, status: u16, code: &str) {
    assert_eq!(refusal.status(), status, "{refusal}");
    assert_eq!(refusal.detail(), Some(&Detail::Code(code.to_owned())));
}
