//! The recordings.

use serde_json::{Map, Value};

macro_rules! part {
    ($name:ident) => {
        pub fn $name() -> Map<String, Value> {
            serde_json::from_str(include_str!(concat!("data/", stringify!($name), ".json")))
                .expect(stringify!($name))
        }
    };
}

part!(authorize);
part!(discovery);
part!(email);
part!(logout);
part!(password);
part!(probes);
part!(profile);
part!(register);
part!(security_headers);
part!(setup);
part!(token);
part!(userinfo);
