//! Instructions of one validation, counted by callgrind: the same on a busy machine, and hence to
//! be compared between commits. The processor that callgrind plays is a plainer one than yours.

use std::{
    env,
    hint::black_box,
    process::{Command, Stdio},
};

use fief_proto::{HashedToken, Provider, Requirements, VerifiedTokens};

use crate::{
    material::{ISSUER, Signed, THEN, config, discovery},
    validation::validate,
};

/// What can be counted: the bare check, and what the client adds to it.
const WORK: [&str; 3] = ["bare", "validate", "cached"];

pub fn run() {
    if Command::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_err() {
        println!("\nInstructions are not counted: there is no valgrind.");
        return;
    }
    let [bare, validation, cached] = WORK.map(|work| (count(work, 300) - count(work, 100)) / 200);
    println!("\n| instructions, RSA-2048 | count |\n|---|---|");
    println!("| the bare check of the signature | {bare} |");
    println!("| fief-proto, above the bare check | {} |", validation - bare);
    println!("| fief-proto, a token that is known | {cached} |");
}

fn count(work: &str, times: i64) -> i64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env::current_exe().unwrap())
        .args(["repeat", work, &times.to_string()])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let counted = said.split("Collected : ").nth(1).unwrap();
    counted.split_whitespace().next().unwrap().parse().unwrap()
}

/// Does nothing but this work, so many times: what callgrind watches.
pub fn repeat(work: &str, times: usize) {
    // Not one that is signed anew: its numbers would take other counts each time.
    let signed = Signed::of_the_vectors();
    let (client, requirements) = (config().build().unwrap(), Requirements::none());
    let (discovery, keys) = (discovery(ISSUER), signed.key_set());
    let provider = Provider::from_documents(&client, &discovery, &keys, THEN).unwrap();
    let token = &signed.access_token;
    match work {
        "bare" => {
            let (key, (message, signature)) = (signed.bare_key(), signed.signed_part());
            (0..times).for_each(|_| key.verify_sig(black_box(message), &signature).unwrap());
        }
        "validate" => (0..times).for_each(|_| {
            black_box(validate(&client, &provider, black_box(token), &requirements, THEN));
        }),
        "cached" => {
            let (mut known, hashed) = (VerifiedTokens::new(&client, 10), HashedToken::new(token));
            let mut flow = client.validate_access_token(token, &requirements);
            let Ok(fief_proto::Step::Done(info)) =
                fief_proto::Flow::resume(&mut flow, &provider, THEN, fief_proto::Input::Go)
            else {
                panic!("not validated");
            };
            known.keep(&hashed, &flow, &info, THEN);
            (0..times).for_each(|_| {
                let hashed = HashedToken::new(black_box(token));
                black_box(known.validate(&hashed, &requirements, &provider, THEN).unwrap())
                    .unwrap();
            });
        }
        other => panic!("no such work: {other}"),
    }
}
