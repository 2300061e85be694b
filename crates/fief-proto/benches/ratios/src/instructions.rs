//! Instructions and allocations of one validation, counted by valgrind: the same on a busy machine,
//! and hence to be compared between commits. valgrind simulates a simpler processor than yours.

use std::{
    env,
    hint::black_box,
    process::{Command, Stdio},
};

use fief_proto::{
    Provider, Requirements, VerifiedTokens,
    flow::{Flow as _, Input, Step},
};

use crate::{
    http,
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
    println!("\n| RSA-2048 | instructions | allocations |\n|---|---|---|");
    let [bare, validation, cached] =
        WORK.map(|work| [INSTRUCTIONS, ALLOCATIONS].map(|of| of.once(work)));
    let row = |name, [instructions, allocations]: [i64; 2]| {
        println!("| {name} | {instructions} | {allocations} |");
    };
    row("the bare check of the signature", bare);
    row("fief-proto, above the bare check", [validation[0] - bare[0], validation[1] - bare[1]]);
    row("fief-proto, a token that is known", cached);

    let base = http::server();
    println!("\n| userinfo over a kept connection | instructions | ratio |\n|---|---|---|");
    for [bare, ours] in [["bare ureq", "fief-ureq"], ["bare hyper-util", "fief-hyper"]] {
        let [floor, above] = [bare, ours].map(|work| INSTRUCTIONS.once_at(work, &base));
        println!("| {bare} | {floor} | 1 |");
        println!("| {ours} | {above} | {:.3} |", above as f64 / floor as f64);
    }
}

/// The base URL of the server to ask.
const SERVER: &str = "FIEF_BENCH_SERVER";

/// What one of valgrind's tools counts.
struct Count {
    arguments: &'static [&'static str],
    /// What comes before the number in its report.
    before: &'static str,
}

const INSTRUCTIONS: Count = Count {
    arguments: &["--tool=callgrind", "--callgrind-out-file=/dev/null"],
    before: "Collected : ",
};

const ALLOCATIONS: Count = Count {
    arguments: &["--tool=memcheck", "--undef-value-errors=no"],
    before: "total heap usage: ",
};

impl Count {
    /// The count for doing this work once, without what comes before it.
    fn once(&self, work: &str) -> i64 {
        self.once_at(work, "")
    }

    /// The same, where a server is asked.
    fn once_at(&self, work: &str, server: &str) -> i64 {
        (self.of(work, server, 300) - self.of(work, server, 100)) / 200
    }

    fn of(&self, work: &str, server: &str, times: i64) -> i64 {
        let output = Command::new("valgrind")
            .args(self.arguments)
            .arg(env::current_exe().unwrap())
            .args(["repeat", work, &times.to_string()])
            .env(SERVER, server)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        let counted = said.split(self.before).nth(1).unwrap();
        counted.split_whitespace().next().unwrap().replace(',', "").parse().unwrap()
    }
}

/// Does nothing but this work, so many times: what callgrind watches.
pub fn repeat(work: &str, times: usize) {
    // Not signed anew for each run: the counts depend on the numbers in the signature.
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
            let mut known = VerifiedTokens::new(&client, 10);
            let mut flow = client.validate_access_token(token, &requirements);
            let Ok(Step::Done(info)) = flow.resume(&provider, THEN, Input::Go) else {
                panic!("not validated");
            };
            known.keep(&flow, &info);
            (0..times).for_each(|_| {
                let token = black_box(token);
                black_box(known.validate(token, &requirements, &provider, THEN).unwrap()).unwrap();
            });
        }
        userinfo => http::repeat(userinfo, &env::var(SERVER).unwrap(), times),
    }
}
