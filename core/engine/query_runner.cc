#include "core/engine/query_runner.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/engine/page.h"

namespace fluxgate {
namespace {

// Records entered into an order of everything that matches are dearer than others.
constexpr size_t kPagedShare = 4;

bool HasRoom(const RunningQuery& query) {
  const Outbox& outbox = *query.session->outbox();
  return query.subscription == nullptr ? outbox.HasRoom() : outbox.HasRoomFor(*query.subscription);
}

}  // namespace

QueryRunner::QueryRunner(ChangeDelivery& delivery, const QuerySliceLimits& slice,
                         Delete delete_record, Answered answered)
    : delivery_(delivery),
      slice_(slice),
      delete_record_(std::move(delete_record)),
      answered_(std::move(answered)) {}

QueryRunner::~QueryRunner() = default;

void QueryRunner::Start(std::unique_ptr<RunningQuery> query) {
  RunningQuery& started = *query;
  if (!started.deletes && !started.session->outbox()->BeginQuery(started.info())) {
    if (started.subscription != nullptr) RecordFeed::Of(*started.subscription).holds = false;
    return;
  }
  ++started.session->queries_unanswered;
  queries_.push_back(std::move(query));
  const Progress progress = Step(started);
  if (progress == Progress::kDone || progress == Progress::kFailed) Discard(queries_.size() - 1);
}

bool QueryRunner::RunSlice() {
  for (size_t tried = 0; tried < queries_.size(); ++tried) {
    if (next_ >= queries_.size()) next_ = 0;
    const Progress progress = Step(*queries_[next_]);
    if (progress == Progress::kBlocked) {
      ++next_;
      continue;
    }
    if (progress == Progress::kMore) {
      ++next_;
    } else {
      Discard(next_);
    }
    return true;
  }
  return false;
}

QueryRunner::Progress QueryRunner::Step(RunningQuery& query) {
  if (!query.deletes && !HasRoom(query)) return Progress::kBlocked;
  if (query.prepare) {
    if (!query.prepare(query)) return Progress::kBlocked;
    query.prepare = nullptr;
  }
  if (!query.answered) {
    if (query.query != nullptr) {
      const Progress progress = StepRecords(query);
      if (progress != Progress::kDone) return progress;
      query.matches = query.query->matches();
      query.topic_records = query.query->topic_records();
      const bool is_page =
          query.subscription != nullptr && RecordFeed::Of(*query.subscription).page != nullptr;
      if (!is_page) query.returned = query.query->returned();
      if (query.subscription != nullptr) {
        RecordFeed::Of(*query.subscription).snapshot_is_cut = query.query->is_cut();
      }
      query.query.reset();
    }
    End(query);
    if (query.subscription == nullptr) return Progress::kDone;
  }
  RecordFeed& feed = RecordFeed::Of(*query.subscription);
  if (feed.replaced_page != nullptr) {
    LeaveReplacedPage(*query.subscription, feed);
    feed.replaced_page.reset();
  }
  if (query.leaving != nullptr) {
    const Progress progress = StepLeaving(query);
    if (progress != Progress::kDone) return progress;
    query.leaving.reset();
  }
  if (!delivery_.DeliverHeld(*query.subscription, slice_.held)) {
    return HasRoom(query) ? Progress::kMore : Progress::kBlocked;
  }
  return Progress::kDone;
}

QueryRunner::Progress QueryRunner::StepRecords(RunningQuery& query) {
  bool failed = false;
  RecordFeed* feed = query.subscription == nullptr ? nullptr : &RecordFeed::Of(*query.subscription);
  const DeliveryForm& form = feed == nullptr ? query.form : feed->form;
  const auto take = [&](const SowQuery::Result& result) {
    if (query.deletes) {
      if (delete_record_(*query.session, *result.topic, *result.record)) ++query.deleted;
      return true;
    }
    if (feed != nullptr && feed->page != nullptr) {
      feed->page->AddInitial(*result.topic, result.record);
      return true;
    }
    if (feed != nullptr && feed->tracks_cut && query.subscription->tracks_records) {
      feed->snapshot_keys.insert({result.topic, result.record->key});
    }
    if (!delivery_.DeliverRecord(*query.session, query.info(), form, *result.topic,
                                 result.record)) {
      failed = true;
      return false;
    }
    return HasRoom(query);
  };
  const size_t records = query.deletes ? slice_.deletes
                         : feed != nullptr && feed->page != nullptr
                             ? slice_.records / kPagedShare + 1
                             : slice_.records;
  const SowQuery::Progress progress = query.query->Run(records, slice_.bytes, take);
  if (failed) return Progress::kFailed;
  if (progress != SowQuery::Progress::kDone) return Progress::kMore;
  if (feed != nullptr && feed->page != nullptr) {
    // Everything is known: the window can be shown, what is new in it.
    feed->page->ForEachInWindow([&](const SowTopic& topic, const RecordRef& record) {
      if (failed) return;
      if (feed->replaced_page != nullptr && feed->replaced_page->Shows(topic, *record)) return;
      failed = !delivery_.DeliverRecord(*query.session, query.info(), form, topic, record);
      ++query.returned;
    });
    if (failed) return Progress::kFailed;
  }
  return Progress::kDone;
}

QueryRunner::Progress QueryRunner::StepLeaving(RunningQuery& query) {
  const RecordFeed& feed = RecordFeed::Of(*query.subscription);
  const auto take = [&](const SowQuery::Result& result) {
    // A replaced subscription's records are those that it had by its filter.
    if (query.leaving_reason == OutOfFocusReason::kEntitlement &&
        !feed.Has(*result.topic, *result.record)) {
      return true;
    }
    FeedEvent event;
    event.sow = result.topic;
    event.topic = result.topic->TopicOf(*result.record);
    event.previous = result.record;
    event.current = result.record;
    event.leaves = query.leaving_reason;
    event.time_ns = result.record->updated_ns;
    delivery_.FeedPastPage(*query.subscription, event);
    return HasRoom(query);
  };
  const SowQuery::Progress progress = query.leaving->Run(slice_.records, slice_.bytes, take);
  return progress == SowQuery::Progress::kDone ? Progress::kDone : Progress::kMore;
}

void QueryRunner::LeaveReplacedPage(Subscription& subscription, RecordFeed& feed) {
  if (feed.page == nullptr) return;
  feed.replaced_page->ForEachInWindow([&](const SowTopic& topic, const RecordRef& record) {
    if (feed.page->Shows(topic, *record)) return;
    FeedEvent event;
    event.sow = &topic;
    event.topic = topic.TopicOf(*record);
    event.previous = record;
    event.current = record;
    event.leaves = OutOfFocusReason::kMatch;
    event.time_ns = record->updated_ns;
    delivery_.FeedPastPage(subscription, event);
  });
}

void QueryRunner::End(RunningQuery& query) {
  query.answered = true;
  if (!query.deletes) {
    query.session->outbox()->EndQuery(query.info(), query.returned);
  }
  answered_(query);
  if (--query.session->queries_unanswered == 0) query.session->outbox()->OnQueriesAnswered();
}

bool QueryRunner::Cancel(Session& session, std::string_view query_id) {
  for (size_t i = 0; i < queries_.size(); ++i) {
    RunningQuery& query = *queries_[i];
    if (query.session != &session || query.query_id != query_id || query.answered) continue;
    if (query.subscription != nullptr) continue;  // goes with its subscription
    End(query);
    Discard(i);
    return true;
  }
  return false;
}

void QueryRunner::EndWhere(Session& session, absl::FunctionRef<bool(const RunningQuery&)> which) {
  for (size_t i = queries_.size(); i-- > 0;) {
    RunningQuery& query = *queries_[i];
    if (query.session != &session || query.subscription != nullptr || !which(query)) continue;
    // An end would say that this was all.
    session.outbox()->CutOff(
        MakeError(ErrorCode::kNotEntitled, "entitlements have changed during a query"));
    if (query.deletes && !query.answered) End(query);
    Discard(i);
  }
}

void QueryRunner::CancelSnapshot(Subscription& subscription) {
  for (size_t i = 0; i < queries_.size(); ++i) {
    if (queries_[i]->subscription != &subscription) continue;
    if (!queries_[i]->answered) End(*queries_[i]);
    Discard(i);
    return;
  }
}

void QueryRunner::Drop(Session& session) {
  for (size_t i = queries_.size(); i-- > 0;) {
    if (queries_[i]->session == &session) Discard(i);
  }
}

void QueryRunner::Discard(size_t at) {
  if (!queries_[at]->answered) --queries_[at]->session->queries_unanswered;
  queries_.erase(queries_.begin() + static_cast<ptrdiff_t>(at));
  if (next_ > at) --next_;
}

void QueryRunner::CutOffHolders(uint64_t bytes_max) {
  for (const auto& query : queries_) {
    const uint64_t held = (query->query == nullptr ? 0 : query->query->held_bytes()) +
                          (query->leaving == nullptr ? 0 : query->leaving->held_bytes());
    if (held <= bytes_max) continue;
    const absl::Status why =
        MakeError(ErrorCode::kSlowClient, "too much changes behind a query that is not read");
    Outbox& outbox = *query->session->outbox();
    if (query->subscription == nullptr) {
      outbox.CutOff(why);
    } else {
      outbox.CutOffSubscription(*query->subscription, why);
    }
  }
}

size_t QueryRunner::CountOf(const Session& session) const {
  return static_cast<size_t>(std::ranges::count_if(
      queries_, [&](const auto& query) { return query->session == &session; }));
}

}  // namespace fluxgate
