//! Prints what the Fief client costs, as ratios measured side by side in one run.
//!
//! `cargo run --release --manifest-path crates/fief-proto/benches/ratios/Cargo.toml -- [ROUNDS
//! [PART…]]`, on a machine that has nothing else to do; noise widens the middle 80 % and hardly
//! moves the median.

mod documents;
mod http;
mod id_token;
mod instructions;
mod material;
mod measure;
mod peers;
mod validation;

use std::{env, fs, thread};

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["repeat", work, times] => instructions::repeat(work, times.parse().unwrap()),
        [] => report(500, &PARTS),
        [rounds, ref names @ ..] => {
            let wanted = PARTS.iter().filter(|(name, _)| names.is_empty() || names.contains(name));
            report(
                rounds.parse().expect("a number of rounds"),
                &wanted.copied().collect::<Vec<_>>(),
            );
        }
    }
}

type Part = (&'static str, fn(usize));

const PARTS: [Part; 5] = [
    ("validation", validation::run),
    ("id-token", id_token::run),
    ("documents", documents::run),
    ("http", http::run),
    ("instructions", |_| instructions::run()),
];

fn report(rounds: usize, parts: &[Part]) {
    println!(
        "{}, {} cores, {rounds} rounds",
        processor(),
        thread::available_parallelism().unwrap()
    );
    measure::print_header();
    parts.iter().for_each(|(_, run)| run(rounds));
}

fn processor() -> String {
    let told = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = told.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map(|model| model.trim_start_matches([' ', '\t', ':']).to_owned());
    model.unwrap_or_else(|| env::consts::ARCH.to_owned())
}
