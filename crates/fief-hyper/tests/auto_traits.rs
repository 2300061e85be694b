//! What a client and its futures must be to be shared and spawned: checked by the compiler.

use fief_hyper::{
    CodeExchange, EmailCode, Error, Fief, FiefBuilder, IdTokenChecks, NewEmail, NewPassword,
    PendingLogin, RefreshRequest, Requirements, Tokens, TransportError,
};
use serde_json::Value;

#[test]
fn a_client_is_shared_between_tasks() {
    fn is_shared<T: Clone + Send + Sync + 'static>() {}
    fn is_sent<T: Send + 'static>() {}
    fn is_error<T: std::error::Error + Clone + Send + Sync + 'static>() {}

    is_shared::<Fief>();
    is_sent::<FiefBuilder>();
    is_error::<Error>();
    is_error::<TransportError>();
    assert!(size_of::<Fief>() <= size_of::<usize>(), "cheap to clone: one pointer");
}

/// Never run: that it compiles is the test.
#[expect(dead_code, reason = "for the compiler")]
fn every_future_can_be_spawned(fief: &Fief, pending: fn() -> PendingLogin, tokens: fn() -> Tokens) {
    fn is_sent<T: Send>(_: T) {}

    is_sent(fief.login("http://localhost:8000/callback"));
    is_sent(fief.finish_login(pending(), ""));
    is_sent(fief.finish_login_with_code(pending(), ""));
    is_sent(fief.auth_url("http://localhost:8000/callback"));
    is_sent(fief.auth_callback(CodeExchange::new("", "")));
    is_sent(fief.auth_refresh_token(RefreshRequest::new("")));
    is_sent(fief.validate_access_token("", &Requirements::none()));
    is_sent(fief.validate_id_token("", &IdTokenChecks::none()));
    is_sent(fief.userinfo(""));
    is_sent(fief.userinfo(&tokens().access_token));
    is_sent(fief.userinfo_of("", ""));
    is_sent(fief.update_profile("", &Value::Null));
    is_sent(fief.change_password("", &NewPassword::new("")));
    is_sent(fief.email_change("", &NewEmail::new("")));
    is_sent(fief.email_verify("", &EmailCode::new("")));
    is_sent(fief.run(fief.client().validate_access_token("", &Requirements::none())));
}
