/**
 * What the public documentation lists: the measure of the compatibility page. Functions, because the texts are needed only
 * when somebody asks for that page.
 */

/** The endpoints of the public API description, by its areas (`## area`). */
export const documentedEndpoints = (): string[] =>
  linesOf(`
## authentication
POST /api/v1/login
POST /api/v1/logout
POST /api/v1/loginCode.redeem
GET /api/v1/me
POST /api/v1/users.2fa.enableEmail
POST /api/v1/users.2fa.sendEmailCode
POST /api/v1/users.2fa.disableEmail
POST /api/v1/twoFactorChallenges.sendEmailCode
POST /api/v1/twoFactorChallenges.verifyChallenge
## content-management
GET /api/v1/emoji-custom.all
POST /api/v1/emoji-custom.create
POST /api/v1/emoji-custom.delete
GET /api/v1/emoji-custom.list
POST /api/v1/emoji-custom.update
GET /api/v1/custom-sounds.list
POST /api/v1/custom-sounds.create
POST /api/v1/custom-sounds.update
GET /api/v1/custom-user-status.list
POST /api/v1/custom-user-status.create
POST /api/v1/custom-user-status.update
POST /api/v1/custom-user-status.delete
POST /api/v1/assets.setAsset
POST /api/v1/assets.unsetAsset
POST /api/v1/custom-sounds.delete
GET /api/v1/custom-sounds.getOne
## integrations
POST /api/v1/integrations.create
GET /api/v1/integrations.get
GET /api/v1/integrations.history
POST /api/v1/integrations.clearHistory
POST /api/v1/integrations.replayOutgoing
GET /api/v1/integrations.list
PUT /api/v1/integrations.update
POST /api/v1/integrations.remove
GET /api/v1/webdav.getMyAccounts
POST /api/v1/webdav.removeWebdavAccount
POST /api/v1/oauth-apps.create
POST /api/v1/oauth-apps.update
GET /api/v1/oauth-apps.list
GET /api/v1/oauth-apps.get
POST /api/v1/oauth-apps.delete
## marketplace-apps
POST /api/apps/public/:app-id/incoming
POST /api/apps/public/:appId/templateMessage
POST /api/apps
GET /api/apps/logs
GET /app/:id/logs
POST /api/v1/video-conference/jitsi.update-timeout
GET /api/apps/marketplace
GET /api/apps/installed
GET /apps/count
GET /apps/buildExternalAppRequest
GET /api/apps/:appId
DELETE /api/apps/:appId
## messaging
POST /api/v1/chat.delete
POST /api/v1/chat.react
POST /api/v1/chat.update
POST /api/v1/chat.reportMessage
POST /api/v1/chat.followMessage
POST /api/v1/chat.unfollowMessage
GET /api/v1/chat.getMessage
GET /api/v1/chat.getThreadsList
GET /api/v1/chat.getDeletedMessages
GET /api/v1/chat.getDiscussions
GET /api/v1/chat.getMentionedMessages
GET /api/v1/chat.getMessageReadReceipts
GET /api/v1/chat.getPinnedMessages
GET /api/v1/chat.getStarredMessages
GET /api/v1/chat.getThreadMessages
GET /api/v1/chat.ignoreUser
POST /api/v1/chat.pinMessage
POST /api/v1/chat.unPinMessage
POST /api/v1/chat.postMessage
GET /api/v1/chat.search
POST /api/v1/chat.sendMessage
POST /api/v1/chat.starMessage
POST /api/v1/chat.unStarMessage
GET /api/v1/chat.syncThreadsList
GET /api/v1/chat.syncThreadMessages
GET /api/v1/chat.syncMessages
GET /api/v1/chat.getURLPreview
POST /api/v1/im.blockUser
POST /api/v1/dm.close
GET /api/v1/dm.counters
POST /api/v1/dm.create
POST /api/v1/dm.delete
GET /api/v1/dm.files
GET /api/v1/dm.history
GET /api/v1/dm.list.everyone
GET /api/v1/dm.list
GET /api/v1/dm.members
GET /api/v1/dm.messages
GET /api/v1/dm.messages.others
POST /api/v1/dm.open
POST /api/v1/dm.setTopic
GET /api/v1/autotranslate.getSupportedLanguages
POST /api/v1/autotranslate.saveSettings
POST /api/v1/autotranslate.translateMessage
## miscellaneous
GET /api/v1/email-inbox.list
POST /api/v1/email-inbox
GET /api/v1/email-inbox/:_id
DELETE /api/v1/email-inbox/:_id
GET /api/v1/email-inbox.search
GET /api/v1/email-inbox.send-test/:_id
GET /api/v1/shield.svg
GET /api/v1/spotlight
GET /api/v1/smtp.check
POST /api/v1/fingerprint
GET /api/v1/licenses.info
POST /api/v1/licenses.add
POST /api/v1/licenses.validate
GET /api/v1/licenses.maxActiveUsers
GET /api/v1/commands.get
GET /api/v1/commands.list
GET /api/v1/commands.preview
POST /api/v1/commands.preview
POST /api/v1/commands.run
POST /api/v1/mailer
POST /api/v1/mailer.unsubscribe
POST /api/v1/method.call/:method
GET /api/v1/calendar-events.list
GET /api/v1/calendar-events.info
POST /api/v1/calendar-events.create
POST /api/v1/calendar-events.update
POST /api/v1/calendar-events.delete
POST /api/v1/calendar-events.import
POST /api/apps/public/:app-id/incoming
POST /api/apps/public/:appId/templateMessage
GET /api/v1/info
GET /api/info
POST /api/v1/method.callAnon/:method
## notifications
GET /api/v1/banners/:id
GET /api/v1/banners
POST /api/v1/banners.dismiss
GET /api/v1/push.get
DELETE /api/v1/push.token
POST /api/v1/push.token
GET /api/v1/push.info
POST /api/v1/push.test
## omnichannel
POST /api/v1/livechat/users/:type
GET /api/v1/livechat/users/:type
GET /api/v1/livechat/users/:type/:_id
DELETE /api/v1/livechat/users/:type/:_id
GET /api/v1/livechat/agent.info/:rid/:token
GET /api/v1/livechat/agent.next/:token
POST /api/v1/livechat/agents.saveInfo
POST /api/v1/livechat/agent.status
POST /api/v1/omnichannel/contact
GET /api/v1/omnichannel/contact.search
POST /api/v1/omnichannel/contacts
POST /api/v1/omnichannel/contacts.update
POST /api/v1/omnichannel/contacts.conflicts
GET /api/v1/omnichannel/contacts.get
GET /api/v1/omnichannel/contacts.search
GET /api/v1/omnichannel/contacts.channels
GET /api/v1/omnichannel/contacts.history
GET /api/v1/omnichannel/contacts.checkExistence
POST /api/v1/omnichannel/contacts.block
POST /api/v1/omnichannel/contacts.unblock
GET /api/v1/livechat/analytics/agent-overview
GET /api/v1/livechat/analytics/overview
GET /api/v1/livechat/config
GET /api/v1/livechat/rooms
GET /api/v1/livechat/room
POST /api/v1/livechat/room.close
POST /api/v1/livechat/room.closeByUser
GET /api/v1/livechat/room.join
POST /api/v1/livechat/room.saveInfo
POST /api/v1/livechat/room.forward
GET /api/v1/livechat/transfer.history/:rid
POST /api/v1/livechat/room.survey
POST /api/v1/livechat/room.onHold
POST /api/v1/livechat/upload/:rid
POST /api/v1/livechat/room/:rid/priority
DELETE /api/v1/livechat/room/:rid/priority
POST /api/v1/livechat/rooms.removeAllClosedRooms
POST /api/v1/livechat/rooms.delete
POST /api/v1/livechat/room.resumeOnHold
GET /api/v1/livechat/rooms/filters
POST /api/v1/livechat/visitor/department.transfer
GET /api/v1/livechat/department
POST /api/v1/livechat/department
GET /api/v1/livechat/department/:_id
PUT /api/v1/livechat/department/:_id
DELETE /api/v1/livechat/department/:_id
GET /api/v1/livechat/department.autocomplete
GET /api/v1/livechat/department/:_id/agents
POST /api/v1/livechat/department/:_id/agents
GET /api/v1/livechat/department.listByIds
GET /api/v1/livechat/analytics/departments/amount-of-chats
GET /api/v1/livechat/analytics/departments/average-service-time
GET /api/v1/livechat/analytics/departments/average-chat-duration-time
GET /api/v1/livechat/analytics/departments/total-service-time
GET /api/v1/livechat/analytics/departments/average-waiting-time
GET /api/v1/livechat/analytics/departments/total-transferred-chats
GET /api/v1/livechat/analytics/departments/total-abandoned-chats
GET /api/v1/livechat/analytics/departments/percentage-abandoned-chats
GET /api/v1/livechat/departments/archived
POST /api/v1/livechat/department/archive/:_id
POST /api/v1/livechat/department/unarchive/:_id
GET /api/v1/livechat/department/isDepartmentCreationAvailable
POST /api/v1/livechat/custom-fields.save
POST /api/v1/livechat/custom.field
POST /api/v1/livechat/custom.fields
GET /api/v1/livechat/custom-fields
GET /api/v1/livechat/custom-fields/:_id
POST /api/v1/livechat/custom-fields.delete
POST /api/v1/livechat/page.visited
POST /api/v1/livechat/transcript
POST /api/v1/livechat/transcript/:rid
DELETE /api/v1/livechat/transcript/:rid
POST /api/v1/omnichannel/:rid/request-transcript
GET /api/v1/livechat/agents/:agentId/departments
GET /api/v1/livechat/analytics/agents/average-service-time
GET /api/v1/livechat/analytics/agents/total-service-time
GET /api/v1/livechat/analytics/agents/available-for-service-history
GET /api/v1/livechat/appearance
POST /api/v1/livechat/appearance
GET /api/v1/livechat/business-hours
GET /api/v1/livechat/business-hour
POST /api/v1/livechat/business-hours.remove
POST /api/v1/livechat/business-hours.save
GET /api/v1/livechat/analytics/dashboards/conversation-totalizers
GET /api/v1/livechat/analytics/dashboards/agents-productivity-totalizers
GET /api/v1/livechat/analytics/dashboards/chats-totalizers
GET /api/v1/livechat/analytics/dashboards/productivity-totalizers
GET /api/v1/livechat/analytics/dashboards/charts/chats
GET /api/v1/livechat/analytics/dashboards/charts/chats-per-agent
GET /api/v1/livechat/analytics/dashboards/charts/agents-status
GET /api/v1/livechat/analytics/dashboards/charts/chats-per-department
GET /api/v1/livechat/analytics/dashboards/charts/timings
GET /api/v1/livechat/livechat/analytics/dashboards/charts-data
GET /api/v1/livechat/inquiries.list
POST /api/v1/livechat/inquiries.take
GET /api/v1/livechat/inquiries.queuedForUser
GET /api/v1/livechat/inquiries.getOne
PUT /api/v1/livechat/inquiry.setSLA
POST /api/v1/livechat/inquiries.returnAsInquiry
GET /api/v1/livechat/integrations.settings
GET /api/v1/livechat/queue
POST /api/v1/livechat/sms-incoming/:service
GET /api/v1/livechat/config/routing
GET /api/v1/livechat/triggers
POST /api/v1/livechat/triggers
GET /api/v1/livechat/triggers/:_id
DELETE /api/v1/livechat/triggers/:_id
POST /api/v1/livechat/triggers/external-service/test
GET /api/v1/livechat/monitors
GET /api/v1/livechat/monitors/:username
POST /api/v1/livechat/monitors.delete
POST /api/v1/livechat/monitors.create
GET /api/v1/livechat/priorities
GET /api/v1/livechat/priorities/:priorityId
PUT /api/v1/livechat/priorities/:priorityId
POST /api/v1/livechat/priorities.reset
GET /api/v1/livechat/priorities.reset
GET /api/v1/livechat/tags
GET /api/v1/livechat/tags/:tagId
POST /api/v1/livechat/tags.delete
POST /api/v1/livechat/tags.save
POST /api/v1/livechat/units
GET /api/v1/livechat/units
POST /api/v1/livechat/units/:id
DELETE /api/v1/livechat/units/:id
GET /api/v1/livechat/units/:id
GET /api/v1/livechat/units/:unitId/monitors
GET /api/v1/livechat/units/:unitId/departments/available
GET /api/v1/livechat/units/:unitId/departments
GET /api/v1/livechat/analytics/dashboards/conversations-by-status
GET /api/v1/livechat/analytics/dashboards/conversations-by-department
GET /api/v1/livechat/analytics/dashboards/conversations-by-tags
GET /api/v1/livechat/analytics/dashboards/conversations-by-agent
GET /api/v1/livechat/analytics/dashboards/conversations-by-source
GET /api/v1/livechat/sla
POST /api/v1/livechat/sla
GET /api/v1/livechat/sla/:slaId
PUT /api/v1/livechat/sla/:slaId
DELETE /api/v1/livechat/sla/:slaId
POST /api/v1/livechat/visitor
GET /api/v1/livechat/visitor/:token
DELETE /api/v1/livechat/visitor/:token
GET /api/v1/livechat/visitors.info
GET /api/v1/livechat/visitor/:token/room
GET /api/v1/livechat/visitors.search
GET /api/v1/livechat/visitors.pagesVisited/:roomId
GET /api/v1/livechat/visitors.chatHistory/room/:roomId/visitor/:visitorId
GET /api/v1/livechat/visitors.searchChats/room/:roomId/visitor/:visitorId
GET /api/v1/livechat/visitors.autocomplete
POST /api/v1/livechat/visitors.status
POST /api/v1/canned-responses
GET /api/v1/canned-responses
GET /api/v1/canned-responses.get
GET /api/v1/canned-responses/:_id
DELETE /api/v1/canned-responses/:_id
POST /api/v1/livechat/message
POST /api/v1/livechat/messages
PUT /api/v1/livechat/message/:_id
GET /api/v1/livechat/message/:_id
DELETE /api/v1/livechat/message/:_id
GET /api/v1/livechat/messages.history/:rid
POST /api/v1/livechat/offline.message
GET /api/v1/livechat/messages/:rid
POST /api/v1/omnichannel/integrations
POST /api/v1/livechat/webhook.test
## rooms
POST /api/v1/channels.create
POST /api/v1/channels.addAll
POST /api/v1/channels.addLeader
POST /api/v1/channels.addModerator
POST /api/v1/channels.addOwner
GET /api/v1/channels.anonymousread
POST /api/v1/channels.archive
POST /api/v1/channels.close
GET /api/v1/channels.counters
POST /api/v1/channels.delete
GET /api/v1/channels.files
GET /api/v1/channels.history
GET /api/v1/channels.info
POST /api/v1/channels.invite
POST /api/v1/channels.join
POST /api/v1/channels.kick
POST /api/v1/channels.leave
GET /api/v1/channels.list.joined
GET /api/v1/channels.list
GET /api/v1/channels.members
GET /api/v1/channels.messages
GET /api/v1/channels.moderators
GET /api/v1/channels.online
POST /api/v1/channels.open
POST /api/v1/channels.removeLeader
POST /api/v1/channels.removeModerator
POST /api/v1/channels.removeOwner
POST /api/v1/channels.rename
GET /api/v1/channels.roles
POST /api/v1/channels.setAnnouncement
POST /api/v1/channels.setCustomFields
POST /api/v1/channels.setDefault
POST /api/v1/channels.setDescription
POST /api/v1/channels.setJoinCode
POST /api/v1/channels.setPurpose
POST /api/v1/channels.setReadOnly
POST /api/v1/channels.setTopic
POST /api/v1/channels.setType
POST /api/v1/channels.unarchive
GET /api/v1/channels.getAllUserMentionsByChannel
GET /api/v1/channels.getIntegrations
POST /api/v1/channels.convertToTeam
POST /api/v1/rooms.saveNotification
GET /api/v1/rooms.adminRooms
POST /api/v1/rooms.cleanHistory
GET /api/v1/rooms.info
GET /api/v1/rooms.getDiscussions
GET /api/v1/rooms.get
POST /api/v1/rooms.join
POST /api/v1/rooms.leave
POST /api/v1/rooms.delete
POST /api/v1/rooms.favorite
GET /api/v1/rooms.autocomplete.availableForTeams
GET /api/v1/rooms.autocomplete.channelAndPrivate
GET /api/v1/rooms.autocomplete.adminRooms
GET /api/v1/rooms.adminRooms.getRoom
POST /api/v1/rooms.saveRoomSettings
GET /api/v1/rooms.nameExists
POST /api/v1/rooms.changeArchivationState
POST /api/v1/rooms.export
POST /api/v1/rooms.muteUser
POST /api/v1/rooms.unmuteUser
POST /api/v1/rooms.createDiscussion
GET /api/v1/rooms.images
GET /api/v1/audit/rooms.members
GET /api/v1/rooms.membersOrderedByRole
POST /api/v1/teams.create
GET /api/v1/teams.listAll
GET /api/v1/teams.list
GET /api/v1/teams.info
POST /api/v1/teams.update
POST /api/v1/teams.addMembers
GET /api/v1/teams.members
POST /api/v1/teams.updateMember
POST /api/v1/teams.leave
POST /api/v1/teams.removeMember
POST /api/v1/teams.delete
GET /api/v1/teams.autocomplete
POST /api/v1/teams.convertToChannel
POST /api/v1/teams.addRooms
POST /api/v1/teams.removeRoom
POST /api/v1/teams.updateRoom
GET /api/v1/teams.listRooms
GET /api/v1/teams.listRoomsOfUser
GET /api/v1/teams.listChildren
GET /api/v1/groups.online
GET /api/v1/groups.getIntegrations
POST /api/v1/groups.addAll
POST /api/v1/groups.addLeader
POST /api/v1/groups.addModerator
POST /api/v1/groups.addOwner
POST /api/v1/groups.archive
POST /api/v1/groups.close
GET /api/v1/groups.counters
POST /api/v1/groups.create
POST /api/v1/groups.delete
GET /api/v1/groups.history
GET /api/v1/groups.info
POST /api/v1/groups.invite
POST /api/v1/groups.kick
POST /api/v1/groups.leave
GET /api/v1/groups.listAll
GET /api/v1/groups.list
GET /api/v1/groups.members
GET /api/v1/groups.messages
GET /api/v1/groups.moderators
POST /api/v1/groups.open
POST /api/v1/groups.removeLeader
POST /api/v1/groups.removeModerator
POST /api/v1/groups.removeOwner
POST /api/v1/groups.rename
POST /api/v1/groups.setAnnouncement
POST /api/v1/groups.setCustomFields
POST /api/v1/groups.setDescription
POST /api/v1/groups.setPurpose
POST /api/v1/groups.setReadOnly
POST /api/v1/groups.setTopic
POST /api/v1/groups.setType
POST /api/v1/groups.unarchive
GET /api/v1/groups.files
POST /api/v1/groups.setEncrypted
POST /api/v1/groups.convertToTeam
GET /api/v1/groups.roles
GET /api/v1/directory
POST /api/v1/rooms.open
POST /api/v1/rooms.hide
POST /api/v1/findOrCreateInvite
GET /api/v1/rooms.roles
GET /api/v1/rooms.isMember
GET /api/v1/rooms.autocomplete.channelAndPrivate.withPagination
POST /api/v1/rooms.media/:rid
POST /api/v1/rooms.mediaConfirm/:rid/:fileId
POST /api/v1/uploads.delete
GET /api/v1/listInvites
DELETE /api/v1/removeInvite/:_id
POST /api/v1/useInviteToken
POST /api/v1/abac/rooms/
DELETE /api/v1/abac/rooms/
PUT /api/v1/abac/rooms/
GET /api/v1/abac/attributes
POST /api/v1/abac/attributes
POST /api/v1/abac/users/sync
PUT /api/v1/abac/attributes/
GET /api/v1/abac/attributes/
DELETE /api/v1/abac/attributes/
GET /api/v1/abac/rooms
GET /api/v1/abac/audit
GET /api/v1/abac/pdp/health
GET /api/v1/subscriptions.get
GET /api/v1/subscriptions.getOne
POST /api/v1/subscriptions.read
POST /api/v1/subscriptions.unread
GET /api/v1/channels.images
## settings
GET /api/v1/settings.public
GET /api/v1/settings.oauth
GET /api/v1/settings
POST /api/v1/settings
POST /api/v1/settings.addCustomOAuth
POST /api/v1/settings/:_id
GET /api/v1/settings/:_id
GET /api/v1/service.configurations
POST /api/v1/cloud.connectWorkspace
POST /api/v1/cloud.manualRegister
GET /api/v1/cloud.registrationStatus
POST /api/v1/dns.resolve.txt
POST /api/v1/dns.resolve.srv
GET /api/v1/e2e.fetchMyKeys
GET /api/v1/e2e.getUsersOfRoomWithoutKey
POST /api/v1/e2e.setRoomKeyID
POST /api/v1/e2e.setUserPublicAndPrivateKeys
POST /api/v1/e2e.updateGroupKey
POST /api/v1/e2e.requestSubscriptionKeys
POST /api/v1/uploadImportFile
POST /api/v1/downloadPublicImportFile
POST /api/v1/startImport
GET /api/v1/getImportFileData
GET /api/v1/getImportProgress
GET /api/v1/getLatestImportOperations
POST /api/v1/downloadPendingFiles
POST /api/v1/downloadPendingAvatars
GET /api/v1/getCurrentImportOperation
GET /api/v1/importers.list
POST /api/v1/import.new
POST /api/v1/import.addUsers
POST /api/v1/import.run
GET /api/v1/import.status
POST /api/v1/import.clear
GET /api/v1/instances.get
POST /api/v1/federation/addServerByUser
GET /api/v1/federation/listServersByUser
POST /api/v1/federation/removeServerByUser
GET /api/v1/federation/searchPublicRooms
POST /api/v1/federation/joinExternalPublicRoom
GET /api/v1/moderation.reportsByUsers
GET /api/v1/moderation.user.reportedMessages
GET /api/v1/moderation.reports
GET /api/v1/moderation.reportInfo
POST /api/v1/moderation.dismissReports
POST /api/v1/moderation.user.deleteReportedMessages
POST /api/v1/moderation.dismissUserReports
GET /api/v1/moderation.user.reportsByUserId
GET /api/v1/moderation.userReports
GET /api/v1/sessions/list
GET /api/v1/sessions/list.all
GET /api/v1/sessions/info
GET /api/v1/sessions/info.admin
POST /api/v1/sessions/logout.me
POST /api/v1/sessions/logout
GET /api/v1/pw.getPolicy
GET /api/v1/video-conference.capabilities
GET /api/v1/video-conference.list
GET /api/v1/video-conference.info
GET /api/v1/video-conference.providers
POST /api/v1/video-conference.start
POST /api/v1/video-conference.join
POST /api/v1/video-conference.cancel
GET /api/v1/media-calls.state
## statistics
GET /api/v1/statistics.list
GET /api/v1/statistics
GET /api/v1/engagement-dashboard/users/new-users
GET /api/v1/engagement-dashboard/users/active-users
GET /api/v1/engagement-dashboard/users/users-by-time-of-the-day-in-a-week
GET /api/v1/engagement-dashboard/users/chat-busier/hourly-data
GET /api/v1/engagement-dashboard/users/chat-busier/weekly-data
GET /api/v1/engagement-dashboard/messages/messages-sent
GET /api/v1/engagement-dashboard/messages/origin
GET /api/v1/engagement-dashboard/messages/top-five-popular-channels
GET /api/v1/engagement-dashboard/channels/list
## user-management
GET /api/v1/permissions.listAll
POST /api/v1/permissions.update
POST /api/v1/permissions.addRole
POST /api/v1/permissions.removeRole
POST /api/v1/roles.create
POST /api/v1/roles.update
POST /api/v1/roles.addUserToRole
GET /api/v1/roles.getUsersInRole
GET /api/v1/roles.list
GET /api/v1/roles.sync
POST /api/v1/roles.delete
POST /api/v1/roles.removeUserFromRole
GET /api/v1/roles.getUsersInPublicRoles
POST /api/v1/users.create
POST /api/v1/users.register
POST /api/v1/users.update
POST /api/v1/users.updateOwnBasicInfo
GET /api/v1/users.info
GET /api/v1/users.list
POST /api/v1/users.setAvatar
GET /api/v1/users.getAvatar
POST /api/v1/users.resetAvatar
POST /api/v1/users.setStatus
GET /api/v1/users.getStatus
POST /api/v1/users.setActiveStatus
POST /api/v1/users.deactivateIdle
GET /api/v1/users.getPresence
GET /api/v1/users.presence
POST /api/v1/users.delete
POST /api/v1/users.deleteOwnAccount
POST /api/v1/users.createToken
GET /api/v1/users.getPreferences
POST /api/v1/users.setPreferences
POST /api/v1/users.forgotPassword
GET /api/v1/users.getUsernameSuggestion
GET /api/v1/users.getAvatarSuggestion
GET /api/v1/users.checkUsernameAvailability
POST /api/v1/users.generatePersonalAccessToken
POST /api/v1/users.regeneratePersonalAccessToken
GET /api/v1/users.getPersonalAccessTokens
POST /api/v1/users.removePersonalAccessToken
GET /api/v1/users.requestDataDownload
POST /api/v1/users.logoutOtherClients
GET /api/v1/users.autocomplete
POST /api/v1/users.removeOtherTokens
POST /api/v1/users.resetE2EKey
POST /api/v1/users.resetTOTP
GET /api/v1/users.listTeams
POST /api/v1/moderation.reportUser
POST /api/v1/users.logout
POST /api/v1/ldap.syncNow
POST /api/v1/ldap.testConnection
POST /api/v1/ldap.testSearch
GET /avatar/:subject
POST /api/v1/users.sendWelcomeEmail
POST /api/v1/sendInvitationEmail
POST /api/v1/users.sendConfirmationEmail
POST /api/v1/users.verifyEmail
GET /api/v1/users.listByStatus
`);

/** The DDP methods that current and older clients call. */
export const documentedMethods = (): string[] =>
  linesOf(`
login
logout
subscriptions/get
rooms/get
public-settings/get
private-settings/get
permissions/get
loadHistory
sendMessage
readMessages
UserPresence:online
UserPresence:away
UserPresence:setDefaultStatus
getRoomByTypeAndName
createDirectMessage
getRoomIdByNameOrId
getRoomNameById
joinRoom
leaveRoom
getUsersOfRoom
spotlight
license:getModules
license:isEnterprise
loadSurroundingMessages
loadNextMessages
loadMissedMessages
getThreadMessages
readThreads
slashCommand
listCustomSounds
listCustomUserStatus
userSetUtcOffset
createChannel
createPrivateGroup
openRoom
hideRoom
toggleFavorite
updateMessage
deleteMessage
setReaction
starMessage
pinMessage
unpinMessage
getSingleMessage
getMessages
unreadMessages
getRoomById
getRoomRoles
getUserRoles
channelsList
getChannelHistory
messages/get
addUsersToRoom
addUserToRoom
removeUserFromRoom
saveRoomSettings
archiveRoom
unarchiveRoom
eraseRoom
addRoomOwner
addRoomModerator
addRoomLeader
removeRoomOwner
removeRoomModerator
removeRoomLeader
muteUserInRoom
unmuteUserInRoom
blockUser
unblockUser
ignoreUser
saveNotificationSettings
saveAudioNotificationValue
followMessage
unfollowMessage
getThreadsList
createDiscussion
rocketchatSearch.getProvider
rocketchatSearch.search
messageSearch
getSlashCommandPreviews
executeSlashCommandPreview
registerUser
setUsername
getUsernameSuggestion
setUserPassword
sendForgotPasswordEmail
resetPassword
sendConfirmationEmail
saveUserPreferences
saveUserProfile
setAvatarFromService
resetAvatar
getAvatarSuggestion
sendFileMessage
deleteFileMessage
e2e.fetchMyKeys
e2e.setUserPublicAndPrivateKeys
e2e.getUsersOfRoomWithoutKey
e2e.setRoomKeyID
e2e.updateGroupKey
e2e.requestSubscriptionKeys
e2e.resetOwnE2EKey
autoTranslate.getSupportedLanguages
autoTranslate.getProviderUiMetadata
2fa:enable
2fa:disable
2fa:validateTempToken
2fa:regenerateCodes
2fa:checkCodesRemaining
personalAccessTokens:generateToken
personalAccessTokens:regenerateToken
personalAccessTokens:removeToken
saveSetting
saveSettings
authorization:addPermissionToRole
authorization:removeRoleFromPermission
authorization:addUserToRole
authorization:removeUserFromRole
listEmojiCustom
getUserMentionsByChannel
getReadReceipts
reportMessage
banner/dismiss
checkUsernameAvailability
roomNameExists
getSetupWizardParameters
loadLocale
logoutCleanUp
afterVerifyEmail
verifyEmail
browseChannels
`);

/** The realtime streams. */
export const documentedStreams = (): string[] =>
  linesOf(`
room-messages
notify-room
notify-room-users
notify-user
notify-logged
notify-all
user-presence
roles
room-data
apps
importers
integrationHistory
stdout
canned-responses
livechat-room
livechat-inquiry-queue-observer
`);

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');
