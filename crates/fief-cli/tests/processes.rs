//! Several processes at the same time, and processes that are killed.

#![allow(clippy::indexing_slicing, clippy::unwrap_used)]

mod common;

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use fief_cli::{CredentialStore as _, CredentialsFile, FiefAuth, Refresh};
use fief_devserver::{Endpoint, Fault};
use fief_ureq::{Config, Fief};

use common::{CLIENT, LIFETIME, Scene};

const BASE_URL: &str = "FIEF_CLI_TEST_BASE_URL";
const PATH: &str = "FIEF_CLI_TEST_PATH";
const PROCESSES: usize = 8;

#[test]
fn many_processes_refresh_once() {
    // Signed in long ago; the processes have the time of the system.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let scene = Scene::at(i64::try_from(now).unwrap() - 2 * LIFETIME);
    scene.signed_in();
    scene.clock.advance(2 * LIFETIME);
    let requests = scene.token_requests();

    let mut processes: Vec<Child> = (0..PROCESSES).map(|_| start(&scene)).collect();
    for process in &mut processes {
        assert_eq!(read(process), "ready");
    }
    for process in &mut processes {
        writeln!(process.stdin.as_mut().unwrap(), "go").unwrap();
    }
    let tokens: Vec<String> = processes.iter_mut().map(read).collect();
    for mut process in processes {
        assert!(process.wait().unwrap().success());
    }
    assert!(tokens.iter().all(|token| token.starts_with("token ") && *token == tokens[0]));
    assert_eq!(scene.token_requests(), requests + 1, "one refresh for all");
}

#[test]
fn the_lock_of_a_process_that_was_killed_is_free() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let scene = Scene::at(i64::try_from(now).unwrap() - 2 * LIFETIME);
    scene.signed_in();
    scene.clock.advance(2 * LIFETIME);
    // Its request never ends, so that it holds the lock.
    scene.server.fault_times(Endpoint::Token, Fault::Delay(Duration::from_secs(3600)), 1);
    let requests = scene.token_requests();
    let mut holder = start(&scene);
    assert_eq!(read(&mut holder), "ready");
    writeln!(holder.stdin.as_mut().unwrap(), "go").unwrap();
    // A later process says that it waits for this one.
    let (mut waiting, _stderr) = loop {
        let mut next = command(&scene, "process").stderr(Stdio::piped()).spawn().unwrap();
        assert_eq!(read(&mut next), "ready");
        writeln!(next.stdin.as_mut().unwrap(), "go").unwrap();
        let mut said = String::new();
        let mut stderr = BufReader::new(next.stderr.take().unwrap());
        stderr.read_line(&mut said).unwrap();
        if said.contains("another process") {
            break (next, stderr); // open: a program that can't say anything fails
        }
        assert!(said.contains(scene.server.base_url()), "it has come first: {said}");
        holder = next;
    };
    while scene.token_requests() == requests {
        thread::sleep(Duration::from_millis(5));
    }
    holder.kill().unwrap();
    holder.wait().unwrap();
    // The process that was killed has used up the refresh token. The next one is told so by the
    // server, for which it must have taken the lock.
    let said = read(&mut waiting);
    assert!(said.starts_with("failed: "), "{said}");
    assert_eq!(scene.token_requests(), requests + 2);
    assert!(waiting.wait().unwrap().success());
}

/// Environment variables set the number of kills, for a longer test, and another program to kill.
#[test]
fn a_kill_at_any_moment_leaves_a_whole_file_and_nothing_beside_it() {
    let kills = env::var("FIEF_CLI_TEST_KILLS").map_or(20, |number| number.parse().unwrap());
    let other = env::var_os("FIEF_CLI_TEST_KILLED");
    let scene = Scene::of_now();
    let auth = scene.auth_of_now();
    scene.sign_in(&auth);
    let (mut lost, mut taken_up, mut left, mut broken) = (0, 0, 0, 0);
    for number in 0..kills {
        let mut process = match &other {
            None => start_to(&scene, "refresh_without_end"),
            Some(program) => Command::new(program)
                .args([scene.server.base_url(), CLIENT, scene.path().to_str().unwrap()])
                .stdout(Stdio::piped())
                .spawn()
                .unwrap(),
        };
        assert_eq!(read(&mut process), "ready");
        // Some milliseconds, another number each time.
        thread::sleep(Duration::from_micros(number * 7_919 % 60_000));
        process.kill().unwrap();
        process.wait().unwrap();

        let store = CredentialsFile::new(scene.path());
        let before = store.load().unwrap();
        broken += u32::from(before.is_none());
        left += u32::from(names(&scene).len() > 2);
        drop(store.lock().unwrap());
        taken_up += u32::from(store.load().unwrap() != before);
        let ours = ["credentials.json", "credentials.json.lock"];
        assert!(other.is_some() || names(&scene) == ours, "{:?}", names(&scene));
        if auth.access_token_info(Refresh::Yes).is_err() {
            lost += 1;
            scene.sign_in(&auth);
        }
    }
    println!(
        "{kills} kills in {} refreshes: {broken} broken files, {left} files left beside it until the next lock, \
         {taken_up} of them taken up, {lost} sign-ins lost between the request and the writing",
        scene.token_requests()
    );
    assert!(broken == 0 || other.is_some());
}

#[test]
#[ignore = "is killed by the test above"]
fn refresh_without_end() {
    let auth = auth();
    auth.access_token_info(Refresh::Yes).unwrap();
    println!("\nready");
    loop {
        // With less than a minute to live, each call refreshes.
        auth.access_token_info(Refresh::Yes).unwrap();
    }
}

#[test]
#[ignore = "is one of the processes, and is started by the tests above"]
fn process() {
    let auth = auth();
    println!("\nready");
    std::io::stdin().lock().read_line(&mut String::new()).unwrap();
    match auth.access_token_info(Refresh::Yes) {
        Ok(info) => println!("\ntoken {}", info.access_token.expose()),
        Err(error) => println!("\nfailed: {error}"),
    }
}

fn auth() -> FiefAuth {
    let config = Config::new(env::var(BASE_URL).unwrap(), CLIENT);
    FiefAuth::new(Fief::new(config).unwrap(), env::var(PATH).unwrap())
}

fn names(scene: &Scene) -> Vec<String> {
    let entries = fs::read_dir(scene.folder.path()).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn start(scene: &Scene) -> Child {
    start_to(scene, "process")
}

fn start_to(scene: &Scene, part: &str) -> Child {
    command(scene, part).spawn().unwrap()
}

fn command(scene: &Scene, part: &str) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args([part, "--exact", "--ignored", "--nocapture"])
        .env(BASE_URL, scene.server.base_url())
        .env(PATH, scene.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    command
}

/// The next line that the process itself has written, not its test runner.
fn read(process: &mut Child) -> String {
    let stdout = process.stdout.as_mut().unwrap();
    // Read a byte at a time, so that nothing is kept in a buffer that ends here.
    let lines = BufReader::with_capacity(1, stdout).lines().map(Result::unwrap);
    let starts = ["ready", "token ", "failed: "];
    let mut ours = lines.filter(|line| starts.iter().any(|start| line.starts_with(start)));
    ours.next().unwrap_or_default()
}
