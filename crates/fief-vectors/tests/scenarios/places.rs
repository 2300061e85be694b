//! The ways to configure the address of the server.

use fief_proto::Config;
use url::Url;

use super::{
    app::{App, request},
    driver::Driver,
    expect::assert_error,
    server::Server,
};

pub fn base_url_with_slash<D: Driver>(server: &Server) {
    for client in ["confidential", "second_tenant"] {
        let base_url = format!("{}/", server.client(client).base_url);
        App::<D>::at(server, client, &base_url, None).assert_signs_in();
    }
}

/// By IP address, with the server's own name as `Host`: as in a network of containers.
pub fn host_override<D: Driver>(server: &Server) {
    let port = Url::parse(&server.base_url).unwrap().port().unwrap();
    let (base_url, host) = (format!("http://127.0.0.1:{port}"), format!("localhost:{port}"));
    App::<D>::at(server, "confidential", &base_url, Some(&host)).assert_signs_in();
}

pub fn unknown_tenant<D: Driver>(server: &Server) {
    let client_id = server.client("confidential").client_id.as_str();
    let fief = D::open(Config::new(format!("{}/nowhere", server.base_url), client_id));
    assert_error(fief.login(request()), "refused", "status");
}
