//! `logout_url`.

use fief_devserver::Browser;

use super::{
    app::{App, request},
    driver::Driver,
    server::Server,
};

pub fn logout_url<D: Driver>(server: &Server) {
    for client in ["confidential", "second_tenant"] {
        let app = App::<D>::new(server, client);
        let user = app.new_user();
        let mut browser = Browser::default();
        app.sign_in_with(&mut browser, &user, request()).unwrap();

        let bye = "http://localhost:8000/bye?from=fief";
        let url = app.fief.logout_url(bye).unwrap();
        assert_eq!(browser.redirect_from(&url).unwrap().as_deref(), Some(bye));

        app.sign_in_with(&mut browser, &user, request()).unwrap();
        assert_eq!(browser.logins(), 2);
    }
}
