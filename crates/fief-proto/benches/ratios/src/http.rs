//! Userinfo over kept connections, compared with the bare HTTP clients, against a server that does
//! nothing but answer.

use std::{
    hint::black_box,
    io::{Read as _, Write as _},
    net::TcpStream,
    thread,
    time::Duration,
};

use bytes::Bytes;
use fief_proto::{Config, Provider};
use http_body_util::{BodyExt as _, Empty};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    runtime::Builder,
};

use crate::{
    material::{CLIENT_ID, Signed, discovery, now},
    measure::{Case, compare},
};

const USER: &str = r#"{"sub":"545e68d4-b831-43cb-9aec-972543716667","email":"anne@bretagne.duchy","email_verified":true,"is_active":true,"tenant_id":"c91ecb7f-359c-4244-8385-51ecd6c0d06b","fields":{"first_name":"Anne","castles":3}}"#;

/// The default of the drivers. A program without them would need a deadline too.
const DEADLINE: Option<Duration> = Some(Duration::from_secs(30));

pub fn run(rounds: usize) {
    let base = server();
    let signed = Signed::rsa_2048();
    let token = &signed.access_token;
    let url = format!("{base}/api/userinfo");
    let bearer = format!("Bearer {token}");
    let provider = || provider(&base, &signed);

    let agent = ureq::Agent::new_with_defaults();
    let blocking = fief_ureq::Fief::builder(Config::new(&base, CLIENT_ID)).provider(provider());
    let blocking = blocking.build().unwrap();
    let mut socket = TcpStream::connect(base.trim_start_matches("http://")).unwrap();
    socket.set_nodelay(true).unwrap();
    let mut raw = move |head: &str| {
        socket.write_all(head.as_bytes()).unwrap();
        let mut buffer = [0; 4096];
        assert!(socket.read(&mut buffer).unwrap() > USER.len());
    };
    let head =
        format!("GET /api/userinfo HTTP/1.1\r\nhost: fief\r\nauthorization: {bearer}\r\n\r\n");

    compare(
        "userinfo over a kept connection, blocking",
        rounds,
        vec![
            Case::new("bare ureq", || {
                let request = agent.get(&url).header("authorization", &bearer);
                black_box(request.call().unwrap().body_mut().read_to_vec().unwrap());
            }),
            Case::new("fief-ureq", || {
                black_box(blocking.userinfo(token).unwrap());
            })
            .target(1.05),
            Case::new("bare ureq with a deadline, and the answer read as JSON", || {
                let request = agent.get(&url).config().timeout_global(DEADLINE).build();
                let mut response = request.header("authorization", &bearer).call().unwrap();
                let body = response.body_mut().read_to_vec().unwrap();
                black_box(serde_json::from_slice::<Value>(&body).unwrap());
            }),
            Case::new("raw socket", || raw(&head)),
        ],
    );

    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let _guard = runtime.enter();
    let hyper: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let on_tokio = fief_hyper::Fief::builder(Config::new(&base, CLIENT_ID)).provider(provider());
    let on_tokio = on_tokio.build().unwrap();
    let bare = async || {
        let request = http::Request::get(&url).header("authorization", &bearer);
        let response = hyper.request(request.body(Empty::new()).unwrap()).await.unwrap();
        black_box(response.into_body().collect().await.unwrap().to_bytes())
    };
    let bounded = async || {
        let body = tokio::time::timeout(DEADLINE.unwrap(), bare()).await.unwrap();
        black_box(serde_json::from_slice::<Value>(&body).unwrap());
    };
    compare(
        "userinfo over a kept connection, async",
        rounds,
        vec![
            Case::batch("bare hyper-util", |times| {
                runtime.block_on(async {
                    for _ in 0..times {
                        bare().await;
                    }
                });
            }),
            Case::batch("fief-hyper", |times| {
                runtime.block_on(async {
                    for _ in 0..times {
                        black_box(on_tokio.userinfo(token).await.unwrap());
                    }
                });
            })
            .target(1.05),
            Case::batch("bare hyper-util with a deadline, and the answer read as JSON", |times| {
                runtime.block_on(async {
                    for _ in 0..times {
                        bounded().await;
                    }
                });
            }),
        ],
    );
}

/// Asks this server for userinfo, so many times, and does nothing else: what callgrind watches.
pub fn repeat(work: &str, base: &str, times: usize) {
    let signed = Signed::of_the_vectors();
    let (token, url) = (&signed.access_token, format!("{base}/api/userinfo"));
    let bearer = format!("Bearer {token}");
    let config = || Config::new(base, CLIENT_ID);
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    match work {
        "bare ureq" => {
            let agent = ureq::Agent::new_with_defaults();
            (0..times).for_each(|_| {
                let request = agent.get(&url).header("authorization", &bearer);
                black_box(request.call().unwrap().body_mut().read_to_vec().unwrap());
            });
        }
        "fief-ureq" => {
            let fief = fief_ureq::Fief::builder(config()).provider(provider(base, &signed));
            let fief = fief.build().unwrap();
            (0..times).for_each(|_| drop(black_box(fief.userinfo(token).unwrap())));
        }
        "bare hyper-util" => runtime.block_on(async {
            let hyper: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
            for _ in 0..times {
                let request = http::Request::get(&url).header("authorization", &bearer);
                let answer = hyper.request(request.body(Empty::new()).unwrap()).await.unwrap();
                black_box(answer.into_body().collect().await.unwrap().to_bytes());
            }
        }),
        "fief-hyper" => runtime.block_on(async {
            let fief = fief_hyper::Fief::builder(config()).provider(provider(base, &signed));
            let fief = fief.build().unwrap();
            for _ in 0..times {
                black_box(fief.userinfo(token).await.unwrap());
            }
        }),
        other => panic!("no such work: {other}"),
    }
}

fn provider(base: &str, signed: &Signed) -> Provider {
    let client = Config::new(base, CLIENT_ID).build().unwrap();
    Provider::from_documents(&client, &discovery(base), &signed.key_set(), now()).unwrap()
}

/// The base URL of a server that answers each request alike. One thread serves every connection, so
/// that the core on which the server runs is the same for all clients.
pub fn server() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream));
            }
        });
    });
    base
}

async fn answer(mut stream: tokio::net::TcpStream) {
    stream.set_nodelay(true).unwrap();
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{USER}",
        USER.len()
    );
    let (mut buffer, mut filled) = ([0; 8192], 0);
    while let Ok(read @ 1..) = stream.read(&mut buffer[filled..]).await {
        filled += read;
        if buffer[..filled].ends_with(b"\r\n\r\n") {
            filled = 0;
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    }
}
