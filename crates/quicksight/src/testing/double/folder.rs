//! Folders: a tree of them, and what is in each.

use std::collections::BTreeSet;

use super::permissions;
use super::progress::times;
use super::protocol::{Input, Object, Reply, ServiceError};
use super::state::{Common, Kind, State};
use super::tags;

pub(super) struct Folder {
    pub(super) common: Common,
    folder_type: String,
    sharing: String,
    /// Ids from the root down, without its own.
    ancestors: Vec<String>,
    pub(super) members: BTreeSet<(Kind, String)>,
}

const KIND: Kind = Kind::Folder;

impl Folder {
    /// One at the top, with nothing in it.
    pub(super) fn ready(common: Common) -> Self {
        Self {
            common,
            folder_type: "SHARED".to_owned(),
            sharing: "ACCOUNT".to_owned(),
            ancestors: Vec::new(),
            members: BTreeSet::new(),
        }
    }

    /// The id of the folder above it.
    pub(super) fn parent(&self) -> Option<&str> {
        self.ancestors.last().map(String::as_str)
    }
}

/// The depth of a path.
const DEEPEST: usize = 10;

fn find<'a>(state: &'a State, id: &str) -> Result<&'a Folder, ServiceError> {
    state
        .folders
        .get(id)
        .ok_or_else(|| ServiceError::not_found(KIND.resource_type(), id))
}

/// The folder a creation names.
pub(super) fn of_creation(state: &State, input: &Input) -> Result<Vec<String>, ServiceError> {
    input
        .texts("FolderArns")
        .into_iter()
        .map(|arn| by_arn(state, arn))
        .collect()
}

fn by_arn(state: &State, arn: &str) -> Result<String, ServiceError> {
    match state.parse_arn(arn) {
        Some((Kind::Folder, id)) if state.folders.contains_key(&id) => Ok(id),
        _ => Err(ServiceError::not_found(KIND.resource_type(), arn)),
    }
}

/// Puts an asset into folders that exist.
pub(super) fn join(state: &mut State, folders: &[String], kind: Kind, id: &str) {
    for folder in folders {
        if let Some(folder) = state.folders.get_mut(folder) {
            folder.members.insert((kind, id.to_owned()));
        }
    }
}

/// Takes a deleted asset out of all folders.
pub(super) fn leave_all(state: &mut State, kind: Kind, id: &str) {
    for folder in state.folders.values_mut() {
        folder.members.remove(&(kind, id.to_owned()));
    }
}

fn object(state: &State, id: &str, folder: &Folder) -> Object {
    let object = Object::new()
        .text("FolderId", id)
        .text("Arn", &state.arn(KIND, id))
        .text("Name", &folder.common.name)
        .text("FolderType", &folder.folder_type)
        .text("SharingModel", &folder.sharing);
    times(object, folder.common.created, folder.common.updated)
}

pub(super) fn summary(state: &State, id: &str, folder: &Folder) -> Object {
    object(state, id, folder)
}

pub(super) fn list(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let all = state
        .folders
        .iter()
        .map(|(id, folder)| object(state, id, folder).to_string())
        .collect();
    let page = state.page("ListFolders", input, all)?;
    Ok(Reply::ok(
        Object::new()
            .list("FolderSummaryList", page.items)
            .maybe_text("NextToken", page.next.as_deref()),
    ))
}

pub(super) fn describe(state: &State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("FolderId");
    let folder = find(state, id)?;
    let mut object = object(state, id, folder);
    if !folder.ancestors.is_empty() {
        let path = folder
            .ancestors
            .iter()
            .map(|ancestor| state.arn(KIND, ancestor));
        object = object.texts("FolderPath", path);
    }
    Ok(Reply::ok(Object::new().object("Folder", object)))
}

fn named(state: &State, id: &str) -> Object {
    Object::new()
        .text("Arn", &state.arn(KIND, id))
        .text("FolderId", id)
}

pub(super) fn create(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("FolderId");
    state.must_be_new(KIND, id)?;
    let Some(name) = input.text("Name") else {
        return Err(ServiceError::invalid("Name: a folder has a name"));
    };
    let mut ancestors = Vec::new();
    if let Some(arn) = input.text("ParentFolderArn") {
        let parent = by_arn(state, arn)?;
        ancestors.clone_from(&find(state, &parent)?.ancestors);
        ancestors.push(parent);
        if ancestors.len() > DEEPEST {
            return Err(ServiceError::limit(
                "FOLDER",
                format!("a folder has at most {DEEPEST} above it"),
            ));
        }
    }
    let mut common = Common::new(name, state.now());
    common.grants = permissions::of_creation(state, KIND, input)?;
    common.tags = tags::of_creation(input)?;
    let folder = Folder {
        common,
        folder_type: input.text("FolderType").unwrap_or("SHARED").to_owned(),
        sharing: input.text("SharingModel").unwrap_or("ACCOUNT").to_owned(),
        ancestors,
        members: BTreeSet::new(),
    };
    state.folders.insert(id.to_owned(), folder);
    Ok(Reply::ok(named(state, id)))
}

pub(super) fn update(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("FolderId");
    state.must_exist(KIND, id)?;
    let now = state.now();
    if let Some(folder) = state.folders.get_mut(id) {
        input.must("Name").clone_into(&mut folder.common.name);
        folder.common.updated = now;
    }
    Ok(Reply::ok(named(state, id)))
}

pub(super) fn delete(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("FolderId");
    let below = state
        .folders
        .values()
        .any(|other| other.ancestors.iter().any(|ancestor| ancestor == id));
    if below || !find(state, id)?.members.is_empty() {
        return Err(ServiceError::precondition(format!(
            "folder {id} is not empty"
        )));
    }
    state.folders.remove(id);
    Ok(Reply::ok(named(state, id)))
}

fn member_kind(text: &str) -> Option<Kind> {
    [
        Kind::Dashboard,
        Kind::Analysis,
        Kind::DataSet,
        Kind::DataSource,
    ]
    .into_iter()
    .find(|kind| kind.member_type() == text)
}

/// The folder and the member of a membership; the double has no topics.
fn membership(state: &State, input: &Input) -> Result<(Kind, String), ServiceError> {
    find(state, input.must("FolderId"))?;
    let (word, id) = (input.must("MemberType"), input.must("MemberId"));
    let kind = member_kind(word).ok_or_else(|| ServiceError::not_found("TOPIC", id))?;
    state.must_exist(kind, id)?;
    Ok((kind, id.to_owned()))
}

pub(super) fn add_member(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let (kind, id) = membership(state, input)?;
    let folder_id = input.must("FolderId");
    let added = state
        .folders
        .get_mut(folder_id)
        .is_some_and(|folder| folder.members.insert((kind, id.clone())));
    if !added {
        return Err(ServiceError::exists("FOLDER_MEMBER", &id));
    }
    let member = Object::new()
        .text("MemberId", &id)
        .text("MemberType", kind.member_type());
    Ok(Reply::ok(Object::new().object("FolderMember", member)).showing_status())
}

pub(super) fn remove_member(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let (kind, id) = membership(state, input)?;
    let folder_id = input.must("FolderId");
    let removed = state
        .folders
        .get_mut(folder_id)
        .is_some_and(|folder| folder.members.remove(&(kind, id.clone())));
    if !removed {
        return Err(ServiceError::not_found("FOLDER_MEMBER", &id));
    }
    Ok(Reply::ok(Object::new()).showing_status())
}

pub(super) fn list_members(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("FolderId");
    let members = find(state, id)?.members.iter();
    let all = members
        .map(|(kind, member)| {
            Object::new()
                .text("MemberId", member)
                .text("MemberArn", &state.arn(*kind, member))
                .to_string()
        })
        .collect();
    let page = state.page(&format!("ListFolderMembers {id}"), input, all)?;
    Ok(Reply::ok(
        Object::new()
            .list("FolderMemberList", page.items)
            .maybe_text("NextToken", page.next.as_deref()),
    ))
}

pub(super) fn of_resource(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let arn = input.must("ResourceArn");
    let (kind, id) = state
        .parse_arn(arn)
        .ok_or_else(|| ServiceError::not_found("RESOURCE", arn))?;
    state.must_exist(kind, &id)?;
    let member = (kind, id);
    let holders = state
        .folders
        .iter()
        .filter(|(_, folder)| folder.members.contains(&member));
    let mut all: Vec<String> = holders
        .map(|(folder, _)| serde_json::Value::from(state.arn(KIND, folder)).to_string())
        .collect();
    state.random.shuffle(&mut all);
    let page = state.page(&format!("ListFoldersForResource {arn}"), input, all)?;
    Ok(Reply::ok(
        Object::new()
            .list("Folders", page.items)
            .maybe_text("NextToken", page.next.as_deref()),
    ))
}
