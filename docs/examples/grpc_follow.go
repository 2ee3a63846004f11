// Publishes records and follows those that a filter passes, for ever. Printed in
// docs/clients/grpc.md, which says how to make the package api out of proto/.
package main

import (
	"context"
	"fmt"
	"log"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	api "example.com/follow/api"
)

func publish(connection *grpc.ClientConn, payloads ...string) error {
	request := &api.PublishRequest{}
	for _, payload := range payloads {
		request.Messages = append(request.Messages,
			&api.Message{Topic: "state/quotes", Payload: []byte(payload)})
	}
	response, err := api.NewPublisherServiceClient(connection).Publish(context.Background(), request)
	if err != nil {
		return err
	}
	for _, result := range response.Results {
		if result.Error != nil {
			fmt.Println("refused:", result.Error.Message)
		}
	}
	return nil
}

// What the filter passes, by key: the same before and after a connection is lost.
type records map[string][]byte

func (r records) take(message *api.Message) {
	r[message.Key] = message.Payload
	fmt.Printf("is   %s\n", message.Payload)
}

func (r records) leave(key string) {
	fmt.Printf("left %s\n", r[key])
	delete(r, key)
}

// Returns why the subscription has ended.
func follow(connection *grpc.ClientConn, known records) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	stream, err := api.NewSubscriberServiceClient(connection).Subscribe(ctx, &api.SubscribeRequest{
		Spec: &api.SubscriptionSpec{
			Topic: "state/quotes", Filter: "/price > 10", WithSnapshot: true, OrderBy: "/id", OutOfFocus: true,
			HeartbeatInterval: durationpb.New(5 * time.Second), // tells a dead connection from a quiet topic
		}})
	if err != nil {
		return err
	}
	gone := map[string]bool{} // unless the snapshot has them
	for key := range known {
		gone[key] = true
	}
	for {
		response, err := stream.Recv()
		if err != nil {
			return err
		}
		for _, event := range response.Events {
			for _, message := range event.GetSnapshot().GetMessages() {
				delete(gone, message.Key)
				known.take(message)
			}
			if event.GetSnapshotEnd() != nil {
				for key := range gone {
					known.leave(key)
				}
			}
			for _, message := range event.GetMessages().GetMessages() {
				known.take(message)
			}
			if left := event.GetOutOfFocus(); left != nil {
				known.leave(left.Message.Key)
			}
		}
	}
}

func main() {
	connection, err := grpc.Dial("127.0.0.1:50051",
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()
	if err := publish(connection, `{"id":"ABC","price":12}`, `{"id":"GHI","price":30}`); err != nil {
		log.Fatal(err)
	}
	for known := (records{}); ; time.Sleep(200 * time.Millisecond) {
		err := follow(connection, known)
		switch status.Code(err) {
		case codes.InvalidArgument, codes.Unimplemented, codes.PermissionDenied:
			log.Fatal(err) // asking again would not help
		}
		log.Print("lost: ", err)
	}
}
