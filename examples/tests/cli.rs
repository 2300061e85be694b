//! The command-line example, run as its user runs it.

#![allow(clippy::panic, clippy::unwrap_used)]

mod program;

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Write as _},
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
};

use fief_devserver::{Client, DevServer, Endpoint, sign_in};
use fief_examples::embedded::USER;
use program::{Program, free_port};
use tempfile::TempDir;

const CLIENT: &str = "castles-cli";
const API: (&str, &str) = ("castles-api", "castles-api-secret");
const HELLO: &str = "Hello, anne@bretagne.duchy!\n";

#[test]
fn signs_in_says_hello_calls_an_api_and_signs_out() {
    let port = free_port();
    let redirect_uri = format!("http://localhost:{port}/callback");
    let server = DevServer::builder()
        .client(Client::public(CLIENT).redirect_uri(&redirect_uri))
        .client(Client::confidential(API.0, API.1))
        .start()
        .unwrap();
    let base_url = server.base_url();
    let server_and_client = ["--base-url", base_url, "--client-id", CLIENT];
    let cli = Cli::new(&[&server_and_client[..], &["--redirect-uri", &redirect_uri]].concat());

    let mut login = cli.start(&["login"]);
    let callback = walk(&mut login);
    let page = get(port, &callback);
    assert!(page.contains("You are signed in"), "{page}");
    assert_eq!(succeeds(login.wait_with_output().unwrap()), HELLO);

    assert_eq!(succeeds(cli.run(&["hello"])), HELLO);
    assert_eq!(server.requests_to(Endpoint::Userinfo), 0);
    assert_eq!(succeeds(cli.run(&["hello", "--refresh"])), HELLO);
    assert_eq!(server.requests_to(Endpoint::Userinfo), 1);

    let api = ["--base-url", base_url, "--client-id", API.0, "--client-secret", API.1];
    let mut strict = Program::start("axum_api", &api);
    let output = cli.run(&["call-api", &strict.url("API ")]);
    assert!(String::from_utf8(output.stdout.clone()).unwrap().starts_with("401"), "{output:?}");
    assert!(fails(output).contains("401"));
    strict.says("accept_client"); // in its log, where its developer finds it

    let mut accepting =
        Program::start("axum_api", &[&api[..], &["--accept-client", CLIENT]].concat());
    let answer = succeeds(cli.run(&["call-api", &accepting.url("API ")]));
    assert!(answer.starts_with("200 OK") && answer.contains("openid"), "{answer}");
    assert!(fails(cli.run(&["call-api", "http://castles.example/"])).contains("https"));

    assert_eq!(succeeds(cli.run(&["logout"])), "Goodbye!\n");
    // The next command signs in first.
    let mut hello = cli.start(&["hello"]);
    let callback = walk(&mut hello);
    assert!(get(port, &callback).contains("Castles"));
    assert_eq!(succeeds(hello.wait_with_output().unwrap()), HELLO);
}

#[test]
fn says_what_is_wrong_and_what_to_do() {
    // No server listens on port 1.
    let base_url = "http://127.0.0.1:1";
    let redirect_uri = format!("http://localhost:{}/callback", free_port());
    let server_and_client = ["--base-url", base_url, "--client-id", CLIENT];
    let cli = Cli::new(&[&server_and_client[..], &["--redirect-uri", &redirect_uri]].concat());
    let said = fails(cli.run(&["hello"]));
    assert!(said.contains(&format!("The server is {base_url}. Is it running")), "{said}");
    assert!(!said.contains("Transport"), "a message, and not `Debug`: {said}");
}

#[test]
fn needs_neither_a_server_nor_a_browser() {
    let cli = Cli::new(&[]);
    let mut login = cli.start(&["login", "--no-browser"]);
    let callback = walk(&mut login);
    writeln!(login.stdin.as_mut().unwrap(), "{callback}").unwrap();
    assert_eq!(succeeds(login.wait_with_output().unwrap()), HELLO);
    // The server of the first process has ended; that of the second accepts its tokens.
    assert_eq!(succeeds(cli.run(&["hello", "--refresh"])), HELLO);
    assert!(fs::read_dir(cli.folder.path()).unwrap().count() > 0);
}

#[test]
fn says_how_it_is_used() {
    let cli = Cli::new(&[]);
    assert!(succeeds(cli.run(&["--help"])).contains("call-api"));
    assert_eq!(cli.run(&[]).status.code(), Some(2));
    assert_eq!(cli.run(&["hello", "--base-url", "http://localhost"]).status.code(), Some(2));
}

/// The program, with a folder of its own for its credentials and a port for its server.
struct Cli {
    arguments: Vec<String>,
    folder: TempDir,
    port: u16,
}

impl Cli {
    fn new(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials.json");
        let mut arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        arguments.extend(["--credentials".to_owned(), path.to_str().unwrap().to_owned()]);
        Self { arguments, folder, port: free_port() }
    }

    fn start(&self, command: &[&str]) -> Child {
        let mut program = Command::new(example());
        for variable in ["FIEF_BASE_URL", "FIEF_PUBLIC_CLIENT_ID", "BROWSER"] {
            program.env_remove(variable);
        }
        program
            .args(command)
            .args(&self.arguments)
            .env("FIEF_EXAMPLES_PORT", self.port.to_string())
            .env("PATH", "") // no browser is found
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    fn run(&self, command: &[&str]) -> Output {
        self.start(command).wait_with_output().unwrap()
    }
}

/// Examples are built along with the tests, next to them.
fn example() -> PathBuf {
    let mut path = env::current_exe().unwrap();
    path.pop();
    path.pop();
    path.extend(["examples", &format!("cli{}", env::consts::EXE_SUFFIX)]);
    path
}

/// Opens the address that the program shows, and signs in; returns the address at the end.
fn walk(login: &mut Child) -> String {
    let mut said = String::new();
    let lines = BufReader::new(login.stderr.as_mut().unwrap()).lines().map(Result::unwrap);
    let url = lines.inspect(|line| said += line).find(|line| line.contains("/authorize?"));
    let url = url.unwrap_or_else(|| panic!("no address: {said}"));
    sign_in(url.trim(), USER.0, USER.1).unwrap()
}

fn get(port: u16, url: &str) -> String {
    assert!(url.starts_with(&format!("http://localhost:{port}/")), "{url}");
    fief_testkit::http::get(url).unwrap()
}

fn succeeds(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn fails(output: Output) -> String {
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr).unwrap()
}
