//! The site, walked through as a browser would.

#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing)]

mod program;

use fief_devserver::sign_in;
use fief_examples::embedded::USER;
use fief_testkit::browser::Cookies;
use program::{Program, agent};
use ureq::http::{Request, Response};

#[derive(Default)]
struct Browser {
    cookies: Cookies,
}

impl Browser {
    fn ask(&mut self, method: &str, url: &str) -> Response<ureq::Body> {
        let cookies = self.cookies.header().unwrap_or_default();
        let request = Request::builder().method(method).uri(url);
        let request = request.header("accept", "text/html").header("cookie", cookies);
        let response = agent().run(request.body(()).unwrap()).unwrap();
        let set = response.headers().get_all("set-cookie");
        self.cookies.keep(set.iter().map(|set| set.to_str().unwrap()));
        response
    }

    fn page(&mut self, url: &str) -> String {
        let mut response = self.ask("GET", url);
        assert_eq!(response.status(), 200, "{url}");
        response.body_mut().read_to_string().unwrap()
    }

    fn leads_to(&mut self, method: &str, url: &str) -> String {
        let response = self.ask(method, url);
        assert_eq!(response.status(), 303, "{url}");
        response.headers()["location"].to_str().unwrap().to_owned()
    }
}

#[test]
fn signs_a_user_in_and_out() {
    let mut program = Program::start("axum_web", &[]);
    let site = program.url("Site ");
    let mut browser = Browser::default();
    assert!(browser.page(&site).contains("Hello, guest."));

    let login = browser.leads_to("GET", &format!("{site}/account"));
    assert_eq!(login, "/login?return_to=%2Faccount");
    let fief = browser.leads_to("GET", &format!("{site}{login}"));
    let callback = sign_in(&fief, USER.0, USER.1).unwrap();
    assert_eq!(browser.leads_to("GET", &callback), "/account");
    let account = browser.page(&format!("{site}/account"));
    assert!(account.contains("anne@bretagne.duchy") && account.contains("castles: 3"), "{account}");
    assert!(browser.page(&format!("{site}/now")).contains("anne@bretagne.duchy"));
    assert!(browser.page(&site).contains("Hello, anne@bretagne.duchy."));
    assert!(browser.page(&format!("{site}/treasury")).contains("full"));

    let fief = browser.leads_to("POST", &format!("{site}/logout"));
    assert!(fief.contains("/logout?redirect_uri="), "{fief}");
    assert!(browser.page(&site).contains("Hello, guest."));
}
