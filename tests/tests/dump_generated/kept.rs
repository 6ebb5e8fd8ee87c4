//! The seeds of cases that once failed, in files beside this one.

use std::path::PathBuf;

use e2e::database::Flavour;
use proptest::test_runner::{FailurePersistence, FileFailurePersistence, PersistedSeed};

/// The file of one server. Every shard writes to it; one of them repeats what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeptSeeds {
    path: &'static str,
    repeats: bool,
}

/// Whose seeds they are: the same seed is another case elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    Schemas,
    Packing,
}

macro_rules! beside {
    ($name:literal) => {
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/dump_generated/", $name)
    };
}

const fn path(subject: Subject, flavour: Flavour) -> &'static str {
    match (subject, flavour) {
        (Subject::Schemas, Flavour::MariaDb) => beside!("seeds-mariadb.txt"),
        (Subject::Schemas, Flavour::MySql) => beside!("seeds-mysql.txt"),
        (Subject::Packing, Flavour::MariaDb) => beside!("seeds-packing-mariadb.txt"),
        (Subject::Packing, Flavour::MySql) => beside!("seeds-packing-mysql.txt"),
    }
}

impl KeptSeeds {
    pub(crate) const fn new(subject: Subject, flavour: Flavour, repeats: bool) -> Self {
        Self {
            path: path(subject, flavour),
            repeats,
        }
    }

    /// For a person with a failure at hand.
    pub(crate) fn how_to_repeat(subject: Subject, flavour: Flavour) -> String {
        let name = PathBuf::from(path(subject, flavour));
        format!(
            "Its seed was added to {}. To repeat only the seeds kept there:\n  \
             PARITY_CASES=0 cargo test -p e2e --all-features --test dump_generated {}_on_{}",
            name.file_name()
                .map_or_else(String::new, |name| name.display().to_string()),
            match subject {
                Subject::Schemas => "any_schema",
                Subject::Packing => "statements_are_split",
            },
            flavour.to_string().to_lowercase()
        )
    }

    const fn file(&self) -> FileFailurePersistence {
        FileFailurePersistence::Direct(self.path)
    }
}

impl FailurePersistence for KeptSeeds {
    fn load_persisted_failures2(&self, source_file: Option<&'static str>) -> Vec<PersistedSeed> {
        if self.repeats {
            self.file().load_persisted_failures2(source_file)
        } else {
            Vec::new()
        }
    }

    fn save_persisted_failure2(
        &mut self,
        source_file: Option<&'static str>,
        seed: PersistedSeed,
        shrunken_value: &dyn std::fmt::Debug,
    ) {
        self.file()
            .save_persisted_failure2(source_file, seed, shrunken_value);
    }

    fn box_clone(&self) -> Box<dyn FailurePersistence> {
        Box::new(self.clone())
    }

    fn eq(&self, other: &dyn FailurePersistence) -> bool {
        other.as_any().downcast_ref() == Some(self)
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}
