//! Roles that the chosen objects name, and what the database has of its own: what the target has of it, what comes
//! along, and whether the target would take it.
//!
//! Invariant: what would come along is tried in a transaction that is rolled back, so that the server itself says what
//! our role may not; passwords are no part of the trial.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tokio_postgres::types::Type;

use super::facts::{Chosen, Facts, all};
use super::judge;
use crate::catalog::Catalog;
use crate::database::decide::Wanted;
use crate::database::{self, Changes, Properties};
use crate::error::Result;
use crate::job::{self, Definitions, Job};
use crate::pg::ident::Literal;
use crate::pg::server::Target;
use crate::pg::session::{Param, SourceSession, TargetSession, column};
use crate::plan::select::Choice;
use crate::report::Finding;
use crate::roles::decide::There;
use crate::roles::{self, Bringing, Used, make, read};
use crate::run::Run;
use crate::sql;

/// The roles that the chosen objects use, as far as they are wanted, and which of them the target has.
#[derive(Debug, Default)]
pub(super) struct Roles {
    /// Who, and what for.
    pub(super) used: Vec<Used>,
    /// Those that exist on the target; whether we may act as one.
    pub(super) known: HashMap<String, bool>,
    /// Whether our role inherits what it is granted, and where not, what says otherwise.
    pub(super) inheriting: Inheriting,
}

/// Whether our role on the target has the rights of the roles in which it is a member.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Inheriting {
    /// It does.
    #[default]
    Always,
    /// It is NOINHERIT, which each membership may say otherwise: 16 and later.
    IfGranted,
    /// It is NOINHERIT.
    Never,
}

/// What is looked at.
pub(super) struct Looking<'a> {
    pub(super) job: &'a Job,
    pub(super) source: &'a SourceSession,
    pub(super) server: &'a Target,
    pub(super) catalog: &'a Catalog,
    pub(super) choice: &'a Choice,
    pub(super) facts: &'a Facts,
}

impl Looking<'_> {
    /// Checks roles and database; returns what comes along, and who is there.
    pub(super) async fn check(
        &self,
        (findings, warnings): (&mut Vec<Finding>, &mut Vec<Finding>),
        run: &Run,
    ) -> Result<(Bringing, Changes, Roles)> {
        let target = self.server.pooled(run).await?;
        let used = self.used().await?;
        let (mut here, mut there) = (Properties::default(), Properties::default());
        if self.choice.whole_database {
            here = database::read::properties(self.source).await?;
            there = database::read::properties(&target).await?;
        }
        let mut bringing = self.bringing(&used, &here, &target).await?;
        warnings.extend(judge::unread_passwords(&bringing, self.job, &self.catalog.database.role));
        let names = used.iter().map(|used| &used.name).chain(here.role_settings.keys());
        let names = names.chain([&self.catalog.database.role]);
        let known = self.known(&target, &names.collect::<BTreeSet<_>>()).await?;
        let made = bringing.roles.iter().map(|role| role.name.as_str());
        let will_be_there: BTreeSet<&str> = known.keys().map(String::as_str).chain(made).collect();
        let wanted = wanted(&self.job.definitions);
        let mut changes = database::decide::changes(&here, &there, wanted, &will_be_there);
        let who = Roles { used, known, inheriting: self.inheriting(&target).await? };
        findings.extend(judge::roles(&who, &bringing, &self.facts.database.role));
        if !self.facts.same_database && !self.facts.database.standby {
            findings.extend(trial(&mut bringing, &mut changes, &target).await?);
        }
        warnings.append(&mut bringing.warnings);
        warnings.append(&mut changes.warnings);
        Ok((bringing, changes, who))
    }

    /// The roles that the chosen objects use, as far as they are wanted.
    async fn used(&self) -> Result<Vec<Used>> {
        let chosen = Chosen::new(self.catalog, self.choice);
        // A provider's own things have owners that need not be there.
        let everything = chosen.whole_database && self.choice.provider.is_none();
        let params: [Param<'_>; 4] = [
            (&everything, Type::BOOL),
            (&chosen.relations, Type::OID_ARRAY),
            (&chosen.schemas, Type::TEXT_ARRAY),
            (&self.server.is_superuser(), Type::BOOL),
        ];
        let mut used = Vec::new();
        for row in &all(self.source, &sql!("preflight/roles.sql"), &params).await? {
            used.push(Used {
                name: column(row, "role")?,
                owner: column(row, "owner")?,
                altered: column(row, "altered")?,
                named: column(row, "named")?,
                granted: column(row, "granted")?,
                mapped: column(row, "mapped")?,
            });
        }
        let Definitions { owner, privileges, .. } = self.job.definitions;
        for role in &mut used {
            role.owner &= owner;
            role.altered &= privileges;
            role.granted &= privileges;
        }
        used.retain(|role| role.owner || role.altered || role.named || role.granted || role.mapped);
        Ok(used)
    }

    async fn bringing(&self, used: &[Used], here: &Properties, target: &TargetSession) -> Result<Bringing> {
        let how = self.job.definitions.roles;
        if how == job::Roles::Expected {
            return Ok(Bringing::default());
        }
        let with_settings =
            here.role_settings.keys().filter(|role| used.iter().all(|used| used.name != **role));
        let with_settings = with_settings.map(|role| Used::by_setting(role));
        let used: Vec<Used> = used.iter().cloned().chain(with_settings).collect();
        let me = self.facts.database.role.as_str();
        let mut names: Vec<String> = used.iter().map(|used| used.name.clone()).chain([me.into()]).collect();
        let of_source = read::roles(self.source, &names).await?;
        names.extend(of_source.roles.iter().map(|role| role.name.clone()));
        let of_target = read::roles(target, &names).await?;
        let (superuser, version) = (self.server.is_superuser(), self.server.version().major());
        let there = There { roles: &of_target, me, superuser, version };
        let mut bringing = roles::decide::bring(&used, &of_source, &there);
        bringing.passwords =
            how == job::Roles::WithPasswords && read::may_read_passwords(self.source).await?;
        Ok(bringing)
    }

    async fn inheriting(&self, target: &TargetSession) -> Result<Inheriting> {
        let me = self.facts.database.role.clone();
        let roles = read::roles(target, std::slice::from_ref(&me)).await?;
        let inherits = self.server.is_superuser() || roles.get(&me).is_none_or(|role| role.inherit);
        Ok(match self.server.version().major() {
            _ if inherits => Inheriting::Always,
            16.. => Inheriting::IfGranted,
            _ => Inheriting::Never,
        })
    }

    async fn known(
        &self,
        target: &TargetSession,
        names: &BTreeSet<&String>,
    ) -> Result<HashMap<String, bool>> {
        let names: Vec<&String> = names.iter().copied().collect();
        // From 16 on a member must also have been granted the right to SET ROLE, to give objects away.
        let right = Literal::new(if self.server.version().major() >= 16 { "SET" } else { "MEMBER" });
        let query = sql!("preflight/known_roles.sql", right = right);
        let rows = all(target, &query, &[(&names, Type::TEXT_ARRAY)]).await?;
        rows.iter().map(|row| Ok((column(row, "role")?, column(row, "member")?))).collect()
    }
}

fn wanted(definitions: &Definitions) -> Wanted {
    Wanted {
        owner: definitions.owner,
        privileges: definitions.privileges,
        comments: definitions.comments,
        replace: definitions.replace,
    }
}

/// Has the target try it all. What can be done without is left out then, and the rest is found.
async fn trial(
    bringing: &mut Bringing,
    changes: &mut Changes,
    target: &TargetSession,
) -> Result<Vec<Finding>> {
    let parts = make::parts(bringing, &BTreeMap::new());
    if parts.is_empty() && changes.steps.is_empty() {
        return Ok(Vec::new());
    }
    let trial = make::refused(&parts, &changes.steps, target).await?;
    let findings = judge::refused_roles(bringing, &parts, &trial.parts);
    let dispensable = trial.parts.iter().filter(|(index, _)| !parts[**index].essential);
    let left = dispensable.map(|(index, refusal)| parts[*index].step.not_copied(refusal.reason.as_str()));
    bringing.not_copied.extend(left);
    let left =
        trial.steps.iter().map(|(index, refusal)| changes.steps[*index].not_copied(refusal.reason.as_str()));
    changes.not_copied.extend(left);
    let mut index = 0;
    changes.steps.retain(|_| {
        index += 1;
        !trial.steps.contains_key(&(index - 1))
    });
    bringing.left_out.extend(trial.parts.into_keys().map(|index| parts[index].step.statement.clone()));
    Ok(findings)
}
