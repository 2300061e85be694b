//! The arguments of the program.

#![allow(clippy::doc_markdown, reason = "it is shown as it is written")]

use std::{
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
};

use clap::{Parser, builder::PossibleValuesParser, builder::TypedValueParser};

/// A Fief authentication server for development, on this machine alone.
///
/// Everything is kept in memory and lost when it ends. It protects nothing: its signing keys are in
/// its source.
#[derive(Parser)]
#[command(version, about, max_term_width = 100)]
pub struct Arguments {
    /// The port to listen on; 0 chooses a free one
    #[arg(long, default_value_t = 8765)]
    pub port: u16,

    /// The address to listen on; with 127.0.0.1 also ::1
    #[arg(long, default_value_t = Ipv4Addr::LOCALHOST.into())]
    pub address: IpAddr,

    /// Allow an --address that other machines can reach: their users can sign in as anybody
    #[arg(long)]
    pub dangerous_listen_beyond_loopback: bool,

    /// A JSON file with clients, users, permissions and the like; the README describes it
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Add a tenant of that name, with two clients and a user; can be given again
    #[arg(long, value_name = "NAME")]
    pub tenant: Vec<String>,

    /// Encrypt the ID tokens of the default client; the private key is kept in FILE, which is
    /// created if it does not exist, or printed without FILE
    #[arg(long, value_name = "FILE")]
    #[allow(clippy::option_option, reason = "not given, given alone, given with a file")]
    pub encrypt: Option<Option<PathBuf>>,

    /// The size of signing keys in bits; other sizes than 2048 take seconds to generate
    #[arg(long, value_name = "BITS", value_parser = sizes())]
    pub key_bits: Option<u16>,
}

fn sizes() -> impl TypedValueParser<Value = u16> {
    PossibleValuesParser::new(["2048", "3072", "4096", "8192"])
        .try_map(|bits: String| bits.parse::<u16>())
}
