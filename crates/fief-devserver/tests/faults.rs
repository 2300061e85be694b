//! Each fault does what its documentation says: which answer, and whether before the request has
//! its effect or after.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests and their helpers: a failed expectation must stop them"
)]

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use fief_devserver::{DevServer, Endpoint, Fault};
use fief_ureq::{AuthorizationRequest, Fief, RefreshRequest};
use serde_json::{Value, json};
use ureq::Agent;

const ANNE: &str = "anne@bretagne.duchy";
const FOR_EVER: Duration = Duration::from_secs(3600);

#[test]
fn before_the_effect() {
    let elsewhere = "http://elsewhere.example/".to_owned();
    for fault in [
        Fault::Status(503),
        Fault::Cut,
        Fault::Garbage,
        Fault::Oversized(100_000),
        Fault::Redirect(elsewhere),
    ] {
        let scene = Scene::new();
        scene.server.fault_times(Endpoint::Profile, fault.clone(), 1);
        let answer = scene.rename("Changed");
        match &fault {
            Fault::Status(503) => assert_eq!(answer.unwrap(), (503, Vec::new())),
            Fault::Cut => assert_eq!(answer, None),
            Fault::Garbage => {
                let (status, body) = answer.unwrap();
                assert_eq!(status, 200);
                assert!(String::from_utf8(body).is_err());
            }
            Fault::Oversized(length) => {
                let (status, body) = answer.unwrap();
                assert_eq!((status, body.len() as u64), (200, *length));
            }
            _ => assert_eq!(answer.unwrap().0, 302),
        }
        assert_eq!(scene.name(), "Anne", "{fault:?}");
        assert_eq!(scene.rename("Good").unwrap().0, 200, "once only");
    }
}

#[test]
fn after_the_effect() {
    for fault in [
        Fault::LoseAnswer,
        Fault::CutHalfway,
        Fault::Drip(FOR_EVER),
        Fault::Drip(Duration::ZERO),
        Fault::Delay(FOR_EVER),
        Fault::Delay(Duration::from_millis(1)),
    ] {
        let scene = Scene::new();
        scene.server.fault_times(Endpoint::Profile, fault.clone(), 1);
        let answer = match fault {
            // Do not wait for an answer that would come in an hour.
            Fault::Drip(FOR_EVER) | Fault::Delay(FOR_EVER) => scene.rename_and_leave("Changed"),
            _ => scene.rename("Changed"),
        };
        let is_complete =
            matches!(&fault, Fault::Drip(time) | Fault::Delay(time) if *time < FOR_EVER);
        assert_eq!(answer.is_some(), is_complete, "{fault:?}");
        assert_eq!(scene.name(), "Changed", "{fault:?}");
    }
}

/// The real server uses up a refresh token as soon as the request has arrived.
#[test]
fn a_request_whose_client_gave_up_has_had_its_effect() {
    let scene = Scene::new();
    scene.server.fault(Endpoint::Profile, Fault::Delay(FOR_EVER));
    assert_eq!(scene.rename_and_leave("Changed"), None);
    assert_eq!(scene.name(), "Changed");
    let request = scene.server.only_request_to(Endpoint::Profile);
    assert_eq!((request.method.as_str(), request.status), ("PATCH", None));
}

/// One who leaves at once, before a fault or an answer could hold them up, too.
#[test]
fn a_request_that_has_arrived_has_its_effect_whoever_leaves() {
    let scene = Scene::new();
    for number in 0..100 {
        let name = format!("Anne {number}");
        drop(scene.send(&name));
        let mut looked = 0;
        while scene.name() != name {
            looked += 1;
            assert!(looked < 10_000, "{name} has no effect");
        }
    }
}

#[test]
fn a_refresh_token_is_spent_by_faults_after_the_effect_alone() {
    let server = DevServer::start().unwrap();
    let fief = Fief::new(server.config()).unwrap();
    for (fault, is_spent) in [
        (Fault::Status(503), false),
        (Fault::Cut, false),
        (Fault::Garbage, false),
        (Fault::Oversized(10_000_000), false),
        (Fault::LoseAnswer, true),
        (Fault::CutHalfway, true),
    ] {
        let request = AuthorizationRequest::new("http://localhost:8000/callback");
        let login = fief.login(request.scope(["openid", "offline_access"])).unwrap();
        let callback = server.sign_in(&login.url, ANNE, "hermine-tincture-1488").unwrap();
        let (tokens, _) = fief.finish_login(login.pending, &callback).unwrap();
        let refresh = tokens.refresh_token.unwrap();
        server.fault_times(Endpoint::Token, fault.clone(), 1);
        fief.auth_refresh_token(RefreshRequest::new(refresh.expose())).unwrap_err();
        let again = fief.auth_refresh_token(RefreshRequest::new(refresh.expose()));
        assert_eq!(again.is_err(), is_spent, "{fault:?}");
    }
}

/// A redirect has no body that could be cut in its middle.
#[test]
fn an_answer_without_a_body_is_cut_as_a_whole() {
    let server = DevServer::start().unwrap();
    server.fault(Endpoint::Logout, Fault::CutHalfway);
    let url = format!("{}/logout?redirect_uri=http://localhost:8000/", server.base_url());
    let agent: Agent = Agent::config_builder().max_redirects(0).build().into();
    agent.get(&url).call().unwrap_err();
    server.clear_faults();
    assert_eq!(agent.get(&url).call().unwrap().status(), 302);
}

#[test]
fn in_what_is_answered() {
    let server = DevServer::start().unwrap();
    let get = |path: &str| -> Value {
        let url = format!("{}{path}", server.base_url());
        json_of(&ureq::get(url).call().unwrap().into_body().read_to_string().unwrap())
    };
    let (discovery, keys) = ("/.well-known/openid-configuration", "/.well-known/jwks.json");
    let good = (get(discovery), get(keys));
    server.fault(Endpoint::Discovery, Fault::WrongIssuer);
    server.fault(Endpoint::Keys, Fault::WrongKey);
    assert_ne!(get(discovery)["issuer"], good.0["issuer"]);
    let wrong = get(keys);
    assert_eq!(wrong["keys"][0]["kid"], good.1["keys"][0]["kid"]);
    assert_ne!(wrong["keys"][0]["n"], good.1["keys"][0]["n"]);
    server.clear_faults();
    assert_eq!((get(discovery), get(keys)), good);
}

struct Scene {
    server: DevServer,
    token: String,
}

impl Scene {
    fn new() -> Self {
        let server = DevServer::start().unwrap();
        let token = server.access_token(ANNE, "devserver", &["openid"]).unwrap();
        let token = token.expose().to_owned();
        Self { server, token }
    }

    /// Status and body of the answer; none if it breaks off.
    fn rename(&self, name: &str) -> Option<(u16, Vec<u8>)> {
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(0);
        let agent: Agent = config.build().into();
        let request = agent
            .patch(format!("{}/api/profile", self.server.base_url()))
            .header("authorization", format!("Bearer {}", self.token));
        let body = json!({"fields": {"first_name": name}}).to_string();
        let mut answer = request.send(body).ok()?;
        let body = answer.body_mut().read_to_vec().ok()?;
        Some((answer.status().as_u16(), body))
    }

    /// A request of which no answer is read yet.
    fn send(&self, name: &str) -> TcpStream {
        let host = self.server.base_url().strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        let body = json!({"fields": {"first_name": name}}).to_string();
        let (token, length) = (&self.token, body.len());
        write!(
            stream,
            "PATCH /api/profile HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n\
             content-length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        stream
    }

    /// Leaves once the request is seen to have arrived, whatever would be answered.
    fn rename_and_leave(&self, name: &str) -> Option<(u16, Vec<u8>)> {
        let mut stream = self.send(name);
        while self.server.requests_to(Endpoint::Profile) == 0 {
            std::thread::yield_now();
        }
        stream.shutdown(std::net::Shutdown::Both).unwrap();
        let mut rest = Vec::new();
        // At most the head had come.
        let _ = stream.read_to_end(&mut rest);
        None
    }

    fn name(&self) -> String {
        let answer = ureq::get(format!("{}/api/userinfo", self.server.base_url()))
            .header("authorization", format!("Bearer {}", self.token))
            .call();
        let user = json_of(&answer.unwrap().into_body().read_to_string().unwrap());
        user["fields"]["first_name"].as_str().unwrap().to_owned()
    }
}

fn json_of(body: &str) -> Value {
    serde_json::from_str(body).unwrap()
}
