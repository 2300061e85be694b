use std::convert::Infallible;

use fief_transport::Roots;
use fief_transport_tests::{
    Driver, Failure, LIMIT, certificates::Authority, options, request, transport_tests,
};
use http::Version;
use hyper::{server::conn, service::service_fn};
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use tokio::{
    net::TcpListener,
    runtime::{Builder, Runtime},
};
use tokio_rustls::TlsAcceptor;

use super::*;

mod http2;

struct Blocking {
    http: Http,
    runtime: Runtime,
}

impl Driver for Blocking {
    fn new(options: &TransportOptions, http1_only: bool) -> Result<Self, Failure> {
        let http =
            Http::new(options, http1_only).map_err(|error| Failure::new(error.reason(), &error))?;
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        Ok(Self { http, runtime })
    }

    fn send(
        &self,
        request: &Request<Vec<u8>>,
        body_limit: usize,
    ) -> Result<Response<Vec<u8>>, Failure> {
        let outcome = self.runtime.block_on(async {
            let outcome = self.http.send(request, body_limit).await;
            // A task of hyper's puts the connection back for the next request.
            for _ in 0..16 {
                tokio::task::yield_now().await;
            }
            outcome
        });
        outcome.map_err(|error| Failure::new(error.reason(), &error))
    }
}

transport_tests!(Blocking);

#[tokio::test]
async fn http2_where_the_server_speaks_it() {
    for (http1_only, version) in [(false, Version::HTTP_2), (true, Version::HTTP_11)] {
        let (http, url) = client_and_server(http1_only).await;
        for method in ["GET", "POST", "GET"] {
            let response = http.send(&request(method, &url), LIMIT).await.unwrap();
            assert_eq!(response.version(), version);
            let echo = if method == "GET" { b"".as_slice() } else { b"name=value" };
            assert_eq!(response.body(), echo);
        }
    }
}

#[tokio::test]
async fn many_at_once() {
    let (http, url) = client_and_server(false).await;
    let http = Arc::new(http);
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let (http, request) = (Arc::clone(&http), request("POST", &url));
            tokio::spawn(async move { http.send(&request, LIMIT).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap().body(), b"name=value");
    }
}

/// A server that sends back what it gets, in both versions of HTTP.
async fn client_and_server(http1_only: bool) -> (Http, String) {
    let authority = Authority::new();
    let mut config = ServerConfig::clone(&authority.leaf("localhost").server());
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}/path", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        loop {
            let (tcp, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let tls = acceptor.accept(tcp).await.unwrap();
                let h2 = tls.get_ref().1.alpn_protocol() == Some(b"h2");
                let service = service_fn(|request: Request<hyper::body::Incoming>| async move {
                    let body = request.into_body().collect().await.unwrap();
                    Ok::<_, Infallible>(Response::new(Full::new(body.to_bytes())))
                });
                let stream = TokioIo::new(tls);
                // A client that leaves is no matter.
                let _ = if h2 {
                    let server = conn::http2::Builder::new(TokioExecutor::new());
                    server.serve_connection(stream, service).await
                } else {
                    conn::http1::Builder::new().serve_connection(stream, service).await
                };
            });
        }
    });
    let roots = Roots::Only(authority.pem.into_bytes());
    let options = TransportOptions { roots, ..options() };
    (Http::new(&options, http1_only).unwrap(), url)
}
